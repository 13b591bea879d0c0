/**
 * Bloomreach's own addresses for events, for a Passmachine that was given our address as the
 * project's API base URL. Answers are Bloomreach's:
 * https://documentation.bloomreach.com/engagement/reference/batch-commands-2
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TrackedEvent } from '../../domain/jobs/tracked-event.ts';
import { systemClock } from '../../kit/clock.ts';
import { refuse } from './answers.ts';
import { addEndpoint } from './endpoint.ts';
import { readEvent } from './event-body.ts';
import { readJson } from './json-body.ts';
import { bytesOf, keyOf, pathOf } from './request.ts';

export interface BloomreachEndpointOptions {
  /** The project in the addresses; undefined where none is configured. */
  projectToken: string | undefined;
  /** Stores an event; rejects where that was not possible in time. */
  receiveEvent: (delivery: {
    event: TrackedEvent;
    key?: string;
    timed: boolean;
  }) => Promise<'stored' | 'known' | 'conflict'>;
}

/** Bloomreach's answer to one command; its id is there where it brought one. */
type Result = ({ success: true } | { success: false; errors: string[] }) & { command_id?: unknown };

/** Bloomreach's own limit. */
const MOST_COMMANDS = 50;

const PREFIX = '/track/v2/projects/';
const ADDRESSES = `${PREFIX}{token}/customers/events and ${PREFIX}{token}/batch`;

/** Adds the door to a guarded scope. */
export function addBloomreachEndpoint(guarded: FastifyInstance, options: BloomreachEndpointOptions): void {
  const takeEvent = async (data: unknown, key: string | undefined): Promise<Result> => {
    const read = readEvent(data, systemClock());
    if (!read.ok) return { success: false, errors: read.problems };
    const { event, timed } = read;
    const bulkAction = await options.receiveEvent({ event, timed, ...(key !== undefined && { key }) });
    return bulkAction === 'conflict'
      ? { success: false, errors: ['This Idempotency-Key came with another content before.'] }
      : { success: true };
  };

  const takeCommand = async (command: unknown, key: string | undefined): Promise<Result> => {
    const { name, data, command_id: id } = (command ?? {}) as Record<string, unknown>;
    const result: Result =
      name === 'customers/events'
        ? await takeEvent(data, key)
        : { success: false, errors: ['Only customers/events are taken here.'] };
    return id === undefined ? result : { ...result, command_id: id };
  };

  const takeBatch = async (body: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const { commands } = (body ?? {}) as { commands?: unknown };
    if (!Array.isArray(commands) || commands.length === 0)
      return refuse(reply, 'INVALID_REQUEST', 'No commands');
    if (commands.length > MOST_COMMANDS) {
      return refuse(
        reply,
        'INVALID_REQUEST',
        `${commands.length} commands at once; ${MOST_COMMANDS} are the most`,
      );
    }
    const startedAt = systemClock();
    const results = await Promise.all(
      commands.map((command, index) => takeCommand(command, keyOf(request, index))),
    );
    return { results, start_time: startedAt / 1000, end_time: systemClock() / 1000, success: true };
  };

  addEndpoint(guarded, '/track', async (request, reply) => {
    const place = placeOf(request, options.projectToken);
    if (!place.ok) return refuse(reply, 'INVALID_REQUEST', place.why);
    const body = readJson(bytesOf(request));
    if (!body.ok) return refuse(reply, 'INVALID_REQUEST', body.why);
    return place.isBatch ? takeBatch(body.value, request, reply) : takeEvent(body.value, keyOf(request));
  });
}

function placeOf(
  request: FastifyRequest,
  projectToken: string | undefined,
): { ok: true; isBatch: boolean } | { ok: false; why: string } {
  const path = pathOf(request);
  const [token, ...what] = path.slice(PREFIX.length).split('/');
  const kind = what.join('/');
  if (
    request.method !== 'POST' ||
    !path.startsWith(PREFIX) ||
    !['batch', 'customers/events'].includes(kind)
  ) {
    return { ok: false, why: `the addresses here are POST ${ADDRESSES}` };
  }
  if (projectToken === undefined) return { ok: false, why: 'BLOOMREACH_PROJECT_TOKEN is not set' };
  return token === projectToken
    ? { ok: true, isBatch: kind === 'batch' }
    : { ok: false, why: 'Invalid project id' };
}

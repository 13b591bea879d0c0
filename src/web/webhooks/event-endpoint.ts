/**
 * Bloomreach's own addresses for events, for a Passmachine that uses passbridge as the project's API base URL. Bodies
 * and answers are Bloomreach's:
 * https://documentation.bloomreach.com/engagement/docs/add-event
 * https://documentation.bloomreach.com/engagement/reference/batch-commands-2
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Json } from '../../domain/jobs/program.ts';
import { PASSMACHINE_EVENT, type TrackedEvent } from '../../domain/jobs/webhook-request.ts';
import { systemClock } from '../../kit/clock.ts';
import { refuse } from './answers.ts';
import { addEndpoint } from './endpoint.ts';
import {
  bytesOf,
  idempotencyKeyOf,
  isDeeperThan,
  jsonObject,
  MAX_DEPTH,
  parseJson,
  pathOf,
  problemsOf,
} from './request.ts';

export interface EventEndpointOptions {
  /** The project in the addresses; undefined if none is configured. */
  projectToken: string | undefined;
  /** Stores an event; rejects if it cannot be stored in time. */
  receiveEvent: (delivery: {
    event: TrackedEvent;
    key?: string;
    timed: boolean;
  }) => Promise<'stored' | 'known' | 'conflict'>;
}

/** Bloomreach's answer to one command, with the command's id if it has one. */
type Result = ({ success: true } | { success: false; errors: string[] }) & { command_id?: unknown };

/** Bloomreach's own limit. */
const MAX_COMMANDS = 50;

const PREFIX = '/track/v2/projects/';
const ADDRESSES = `${PREFIX}{token}/customers/events or ${PREFIX}{token}/batch`;

/** Adds the endpoint to a guarded scope. */
export function addEventEndpoint(guarded: FastifyInstance, options: EventEndpointOptions): void {
  const acceptEvent = async (data: unknown, key: string | undefined): Promise<Result> => {
    const parsed = parseEvent(data, systemClock());
    if (!parsed.ok) return { success: false, errors: parsed.problems };
    const { event, timed } = parsed;
    const ack = await options.receiveEvent({ event, timed, ...(key !== undefined && { key }) });
    return ack === 'conflict'
      ? { success: false, errors: ['This Idempotency-Key was used before with different content.'] }
      : { success: true };
  };

  const acceptCommand = async (command: unknown, key: string | undefined): Promise<Result> => {
    const { name, data, command_id: id } = (command ?? {}) as Record<string, unknown>;
    const result: Result =
      name === 'customers/events'
        ? await acceptEvent(data, key)
        : { success: false, errors: ['Only customers/events is supported.'] };
    return id === undefined ? result : { ...result, command_id: id };
  };

  const acceptBatch = async (body: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const { commands } = (body ?? {}) as { commands?: unknown };
    if (!Array.isArray(commands) || commands.length === 0)
      return refuse(reply, 'INVALID_REQUEST', 'No commands');
    if (commands.length > MAX_COMMANDS) {
      const problem = `${commands.length} commands in one batch; the maximum is ${MAX_COMMANDS}`;
      return refuse(reply, 'INVALID_REQUEST', problem);
    }
    const startedAt = systemClock();
    const results = await Promise.all(
      commands.map((command, index) => acceptCommand(command, idempotencyKeyOf(request, index))),
    );
    return { results, start_time: startedAt / 1000, end_time: systemClock() / 1000, success: true };
  };

  addEndpoint(guarded, '/track', async (request, reply) => {
    const call = callOf(request, options.projectToken);
    if (!call.ok) return refuse(reply, 'INVALID_REQUEST', call.problem);
    const body = parseJson(bytesOf(request));
    if (!body.ok) return refuse(reply, 'INVALID_REQUEST', body.problem);
    return call.isBatch
      ? acceptBatch(body.value, request, reply)
      : acceptEvent(body.value, idempotencyKeyOf(request));
  });
}

function callOf(
  request: FastifyRequest,
  projectToken: string | undefined,
): { ok: true; isBatch: boolean } | { ok: false; problem: string } {
  const path = pathOf(request);
  const [token, ...rest] = path.slice(PREFIX.length).split('/');
  const kind = rest.join('/');
  if (
    request.method !== 'POST' ||
    !path.startsWith(PREFIX) ||
    !['batch', 'customers/events'].includes(kind)
  ) {
    return { ok: false, problem: `unknown address; use POST ${ADDRESSES}` };
  }
  if (projectToken === undefined) return { ok: false, problem: 'BLOOMREACH_PROJECT_TOKEN is not set' };
  return token === projectToken
    ? { ok: true, isBatch: kind === 'batch' }
    : { ok: false, problem: 'Invalid project id' };
}

const eventSchema = z.object({
  customer_ids: jsonObject,
  event_type: z.string().min(1, 'should be specified'),
  timestamp: z.union([z.number(), z.string()], 'must be unix seconds or an ISO time').optional(),
  properties: jsonObject.default({}),
});

/** `timed`: whether the sender gave a timestamp. */
type ParsedEvent = { ok: true; event: TrackedEvent; timed: boolean } | { ok: false; problems: string[] };

/** Unix seconds above this are after the year 5138, so they are milliseconds, which Bloomreach would accept silently. */
const LATEST_SECONDS = 1e11;

/** Parses an event. Problems must contain names of fields, never their values. `now` (ms) is the default timestamp. */
function parseEvent(data: unknown, now: number): ParsedEvent {
  if (isDeeperThan(MAX_DEPTH, data))
    return { ok: false, problems: [`The event is nested more than ${MAX_DEPTH} levels deep.`] };
  const parsed = eventSchema.safeParse(data);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const { customer_ids: ids, event_type: type, timestamp, properties } = parsed.data;
  // Bloomreach's own wording.
  if (!Object.values(ids).some(isId)) {
    return { ok: false, problems: ['At least one id should be specified.'] };
  }
  // The guide maps all events to one type; the original type is kept as a property.
  const kept = type === PASSMACHINE_EVENT ? properties : { event_type: type, ...properties };
  return {
    ok: true,
    timed: timestamp !== undefined,
    event: {
      customer_ids: ids,
      event_type: PASSMACHINE_EVENT,
      timestamp: inSeconds(timestamp ?? now / 1000),
      properties: kept,
    },
  };
}

function isId(value: Json): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

function inSeconds(timestamp: number | string): number | string {
  return typeof timestamp === 'number' && timestamp > LATEST_SECONDS ? timestamp / 1000 : timestamp;
}

/**
 * Bloomreach's own addresses for events, for a Passmachine that uses passbridge as the project's API base URL. Bodies
 * and answers are Bloomreach's:
 * https://documentation.bloomreach.com/engagement/docs/add-event
 * https://documentation.bloomreach.com/engagement/reference/batch-commands-2
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CardProof } from '../../domain/jobs/card-proof.ts';
import type { TrackedEvent } from '../../domain/jobs/webhook-request.ts';
import { systemClock } from '../../kit/clock.ts';
import { refuse } from './answers.ts';
import { addEndpoint } from './endpoint.ts';
import { bytesOf, idempotencyKeyOf, parseJson, pathOf } from './request.ts';
import { type EventPaths, parseEvent } from './tracked-event.ts';

export interface EventEndpointOptions {
  /** The project in the addresses; undefined if none is configured. */
  projectToken: string | undefined;
  /** Stores an event; rejects if it cannot be stored in time. */
  receiveEvent: (delivery: {
    event: TrackedEvent;
    key?: string;
    proof?: CardProof;
    timed: boolean;
  }) => Promise<'stored' | 'known' | 'conflict' | 'other-customer'>;
  /** Members of a card's metadata that may hold the id of its job; called for each event, because programs are reloaded. */
  jobIdKeys: () => ReadonlySet<string>;
  eventPaths: EventPaths;
}

/** Bloomreach's answer to one command, with the command's id if it has one. */
type Result = ({ success: true } | { success: false; errors: string[] }) & { command_id?: unknown };

/** Bloomreach's own limit. */
const MAX_COMMANDS = 50;

const refusals = {
  conflict: 'This Idempotency-Key was used before with different content.',
  'other-customer': 'The job in the metadata made a card for another customer.',
} as const;

const PREFIX = '/track/v2/projects/';
const ADDRESSES = `${PREFIX}{token}/customers/events or ${PREFIX}{token}/batch`;

/** Adds the endpoint to a guarded scope. */
export function addEventEndpoint(guarded: FastifyInstance, options: EventEndpointOptions): void {
  const acceptEvent = async (data: unknown, key: string | undefined): Promise<Result> => {
    const { jobIdKeys, eventPaths: paths } = options;
    const parsed = parseEvent(data, { jobIdKeys: jobIdKeys(), paths, now: systemClock() });
    if (!parsed.ok) return { success: false, errors: parsed.problems };
    const { ok: _ok, ...parts } = parsed;
    const ack = await options.receiveEvent({ ...parts, ...(key !== undefined && { key }) });
    return ack === 'conflict' || ack === 'other-customer'
      ? { success: false, errors: [refusals[ack]] }
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
    const bytes = bytesOf(request);
    const body = parseJson(bytes, call.isBatch ? 'customers' : 'customer');
    if (!body.ok) {
      return body.code === 'WEBHOOK_INVALID'
        ? { success: false, errors: [body.problem] }
        : refuse(reply, body.code, body.problem);
    }
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

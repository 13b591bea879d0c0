/**
 * How often an address may come to the sign-in page. Each visit takes room in Redis before anybody
 * has shown who they are, and a Redis that is full stops everything.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../kit/clock.ts';
import { renderRefusal } from '../dashboard/refusal.tsx';

const MOST_A_MINUTE = 120;
const MINUTE_MS = 60_000;

export type VisitLimit = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Makes the hook that all addresses of signing in share. */
export function makeVisitLimit(clock: Clock): VisitLimit {
  let minute = 0;
  const visits = new Map<string, number>();

  return async ({ socket }, reply) => {
    const now = Math.floor(clock() / MINUTE_MS);
    if (now !== minute) visits.clear();
    minute = now;
    const from = socket.remoteAddress ?? '';
    const count = (visits.get(from) ?? 0) + 1;
    visits.set(from, count);
    if (count <= MOST_A_MINUTE) return;
    return reply
      .code(429)
      .headers({
        'retry-after': '60',
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
      })
      .send(renderRefusal('Too many visits from where you are: wait a minute.', undefined));
  };
}

/** Whether Redis answers, for requests that must not pile up behind a Redis that hangs. */

import { monotonicClock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import { ping } from './refusal.ts';
import type { RedisConnection } from './redis.ts';

/** How long an answer is reused, so that checks cost Redis next to nothing. */
const REUSED_MS = 250;
/** A Redis that has not answered by then counts as away. */
const TIMEOUT_MS = 1000;

/**
 * Returns a function that resolves within about a second with whether Redis answers, even if only to refuse. At most one
 * PING is unanswered: later calls share it, and are answered at once while it is overdue.
 */
export function makeAnswerCheck(
  redis: Pick<RedisConnection, 'status'> & { ping(): Promise<unknown> },
): () => Promise<boolean> {
  let answeredAt = -Infinity;
  let asking: { since: number; answered: Promise<boolean> } | undefined;

  const ask = async (): Promise<boolean> => {
    try {
      await ping(redis);
      answeredAt = monotonicClock();
      return true;
    } catch {
      return false;
    } finally {
      asking = undefined;
    }
  };

  return async () => {
    if (redis.status !== 'ready') return false;
    if (monotonicClock() - answeredAt < REUSED_MS) return true;
    asking ??= { since: monotonicClock(), answered: ask() };
    const { since, answered } = asking;
    const left = since + TIMEOUT_MS - monotonicClock();
    if (left <= 0) return false;
    return withDeadline(
      left,
      () => answered,
      () => new Error('late'),
    ).catch(() => false);
  };
}

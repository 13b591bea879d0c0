/** Readiness: whether this process could accept and store work now. */

import { monotonicClock } from '../../kit/clock.ts';
import { withDeadline } from '../../kit/deadline.ts';
import { explainRefusal } from '../../kit/redis/refusal.ts';
import type { Stores } from '../stores.ts';

/** Probes give up after a second or two, and must learn the reason before that. */
const TIMEOUT_MS = 1000;
/** How long a result is reused, so that probes cost Redis next to nothing however many are sent. */
const REUSED_MS = 500;

class TooLate extends Error {}

/**
 * Returns a function that resolves within about a second with why Redis stores nothing now; undefined if it does. It
 * writes a key, because a full or read-only Redis answers everything else.
 */
export function makeUnreadinessCheck({
  redis,
  probeWrite,
}: Pick<Stores, 'redis' | 'probeWrite'>): () => Promise<string | undefined> {
  /** A command that hangs is not repeated: Redis would get all of them at once later. */
  let writing: { since: number; written: Promise<void> } | undefined;
  let last: { at: number; reason: Promise<string | undefined> } | undefined;

  const check = async (): Promise<string | undefined> => {
    if (redis.status !== 'ready') return NO_ANSWER;
    try {
      writing ??= {
        since: monotonicClock(),
        written: probeWrite().finally(() => (writing = undefined)),
      };
      const { since, written } = writing;
      const left = since + TIMEOUT_MS - monotonicClock();
      if (left <= 0) return NO_ANSWER;
      await withDeadline(
        left,
        () => written,
        () => new TooLate(),
      );
      return undefined;
    } catch (error) {
      return explainRefusal(error)?.problem ?? (error instanceof TooLate ? NO_ANSWER : STORES_NOTHING);
    }
  };

  return () => {
    if (last === undefined || performance.now() - last.at > REUSED_MS) {
      last = { at: performance.now(), reason: check() };
    }
    return last.reason;
  };
}

const NO_ANSWER = 'Redis does not answer';
const STORES_NOTHING = 'Redis does not store what it is sent';

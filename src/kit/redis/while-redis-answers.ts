/** Ends work that waits for a Redis that has stopped answering: ioredis keeps commands for as long as it takes. */

import { monotonicClock, sleep } from '../clock.ts';
import { makeAnswerCheck } from './answer-check.ts';
import type { RedisConnection } from './redis.ts';

const CHECK_EVERY_MS = 500;

interface Options {
  /** Milliseconds without an answer after which the work is abandoned. */
  limitMs: number;
  /** Aborted once the work waits as long as it must. */
  patient: AbortSignal;
  late: () => Error;
}

/** Settles as the work does, or rejects with `late()` if Redis has not answered anything for `limitMs`. */
export async function whileRedisAnswers<T>(
  redis: Pick<RedisConnection, 'status'> & { ping(): Promise<unknown> },
  { limitMs, patient, late }: Options,
  work: () => Promise<T>,
): Promise<T> {
  const answers = makeAnswerCheck(redis);
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, patient]);
  const silence = new Promise<never>((_resolve, reject) => {
    const watch = async () => {
      let answeredAt = monotonicClock();
      while (!signal.aborted) {
        if (await answers()) answeredAt = monotonicClock();
        else if (monotonicClock() - answeredAt > limitMs) return reject(late());
        await sleep(CHECK_EVERY_MS, signal);
      }
    };
    void watch();
  });
  try {
    return await Promise.race([work(), silence]);
  } finally {
    ended.abort();
  }
}

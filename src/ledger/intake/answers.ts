/**
 * Delivers the result of a job to the process that waits for it, by pub/sub. The answer is also stored for a while,
 * so that it is found if the job ends before the wait starts. A lost message only costs the wait.
 */

import type { JobAnswer } from '../../domain/jobs/outcome.ts';
import { duplicateConnection, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface Answers {
  publish(job: string, answer: JobAnswer): Promise<void>;
  /** Resolves with the answer, or with undefined after `ms`. */
  waitFor(job: string, ms: number): Promise<JobAnswer | undefined>;
  /** Erases the stored answers of jobs; returns how many there were. */
  erase(jobs: readonly string[]): Promise<number>;
  close(): void;
}

/** As long as a repeated request without a key is recognized: see idempotency.ts. */
const TTL_MS = 10 * 60_000;

export function makeAnswers(redis: RedisConnection, keys: LedgerKeys): Answers {
  const waiting = new Map<string, Set<(answer: JobAnswer) => void>>();
  let subscription: { redis: RedisConnection; ready: Promise<unknown> } | undefined;

  /** Subscribes on a separate connection, which the first wait opens. */
  const subscribe = (): Promise<unknown> => {
    if (subscription !== undefined) return subscription.ready;
    const subscriber = duplicateConnection(redis);
    subscriber.on('message', (_channel: string, message: string) => {
      const { job, answer } = JSON.parse(message) as { job: string; answer: JobAnswer };
      for (const resolve of waiting.get(job) ?? []) resolve(answer);
    });
    subscription = { redis: subscriber, ready: subscriber.subscribe(keys.answers) };
    return subscription.ready;
  };

  const published = (job: string, ms: number) => {
    const others = waiting.get(job) ?? new Set();
    waiting.set(job, others);
    return new Promise<JobAnswer | undefined>((resolve) => {
      const end = (answer?: JobAnswer) => {
        clearTimeout(timer);
        others.delete(end);
        if (others.size === 0) waiting.delete(job);
        resolve(answer);
      };
      const timer = setTimeout(end, ms);
      others.add(end);
    });
  };

  const stored = async (job: string): Promise<JobAnswer | undefined> => {
    await subscribe();
    const answer = await redis.get(keys.answer(job));
    return answer === null ? undefined : (JSON.parse(answer) as JobAnswer);
  };

  return {
    async publish(job, answer) {
      await redis
        .multi()
        .set(keys.answer(job), JSON.stringify(answer), 'PX', TTL_MS)
        .publish(keys.answers, JSON.stringify({ job, answer }))
        .exec();
    },
    async waitFor(job, ms) {
      const later = published(job, ms);
      // The answer may have been published before the subscription.
      const earlier = stored(job).then((answer) => answer ?? later);
      return Promise.race([later, earlier]);
    },
    erase: async (jobs) => (jobs.length === 0 ? 0 : redis.unlink(jobs.map(keys.answer))),
    close: () => subscription?.redis.disconnect(),
  };
}

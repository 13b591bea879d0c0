/**
 * Tells whoever waits for a job, in whichever process, what came of it. Kept for a while, so that
 * an answer that comes before somebody asks for it is found, and one that is lost costs a wait only.
 */

import type { JobAnswer } from '../../domain/jobs/job-answer.ts';
import { connectAgain, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface Answers {
  tell(job: string, answer: JobAnswer): Promise<void>;
  /** The answer as soon as there is one; undefined after that many milliseconds. */
  waitFor(job: string, ms: number): Promise<JobAnswer | undefined>;
  close(): void;
}

/** As long as the same hit is known without a key: see the inbox. */
const LIFE_MS = 10 * 60_000;

export function makeAnswers(redis: RedisConnection, keys: LedgerKeys): Answers {
  const waiting = new Map<string, Set<(answer: JobAnswer) => void>>();
  let listening: { redis: RedisConnection; ready: Promise<unknown> } | undefined;

  /** On a connection of its own, made by the first who waits. */
  const listen = (): Promise<unknown> => {
    if (listening !== undefined) return listening.ready;
    const listener = connectAgain(redis);
    listener.on('message', (_channel: string, message: string) => {
      const { job, answer } = JSON.parse(message) as { job: string; answer: JobAnswer };
      for (const hear of waiting.get(job) ?? []) hear(answer);
    });
    listening = { redis: listener, ready: listener.subscribe(keys.answers) };
    return listening.ready;
  };

  const heard = (job: string, ms: number) => {
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

  const kept = async (job: string): Promise<JobAnswer | undefined> => {
    await listen();
    const answer = await redis.get(keys.answer(job));
    return answer === null ? undefined : (JSON.parse(answer) as JobAnswer);
  };

  return {
    async tell(job, answer) {
      await redis
        .multi()
        .set(keys.answer(job), JSON.stringify(answer), 'PX', LIFE_MS)
        .publish(keys.answers, JSON.stringify({ job, answer }))
        .exec();
    },
    async waitFor(job, ms) {
      const told = heard(job, ms);
      // What was told before somebody listened.
      const early = kept(job).then((answer) => answer ?? told);
      return Promise.race([told, early]);
    },
    close: () => listening?.redis.disconnect(),
  };
}

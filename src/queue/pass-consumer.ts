/** Takes pass jobs from the queue, has them done, and says each outcome in BullMQ's words. */

import { DelayedError, type Job, RateLimitError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Outcome } from '../job/outcome.ts';
import type { PassJob } from '../job/pass-job.ts';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { keepNothing, liveness, queueNames } from './names.ts';
import type { PassQueue } from './pass-queue.ts';

/** Does one job. `attempt` counts from 1 and leaves out the runs that ended in `wait`. */
export type HandlePassJob = (job: PassJob, attempt: number) => Promise<Outcome>;

interface ConsumerOptions {
  redis: Redis;
  prefix: string;
  queue: Pick<PassQueue, 'closeGate' | 'fallen'>;
  /** Jobs at once in this process; the cap over all processes is the queue's. */
  concurrency: number;
  handle: HandlePassJob;
  /** Ends a job that killed its workers; `attempts` is how often it was tried. */
  setAside: (job: PassJob, attempts: number) => Promise<void>;
  clock: Clock;
  log: Logger;
}

/** A fallen job is noticed at once, unless the process that sees it fall dies as well. */
const LOOK_EVERY_MS = 30_000;

export interface PassConsumer {
  /** Takes no more jobs and waits for those at work. */
  stop(): Promise<void>;
}

/** Carries the pause from an outcome to BullMQ's backoff. */
class TryAgain extends Error {
  readonly delayMs: number;
  constructor(code: string, delayMs: number) {
    super(code);
    this.delayMs = delayMs;
  }
}

/** The number of the attempt that begins now. */
function attemptOf({ data, attemptsMade }: Job<PassJob, void>): number {
  return (data.tried ?? 0) + attemptsMade + 1;
}

export function startPassConsumer(options: ConsumerOptions): PassConsumer {
  const { redis, prefix, queue, concurrency, handle, setAside, clock, log } = options;

  const conclude = async (
    job: Job<PassJob, void>,
    outcome: Outcome,
    token: string | undefined,
  ): Promise<void> => {
    switch (outcome.kind) {
      case 'done':
      case 'reject':
      case 'unknown':
      case 'skip':
      case 'parked':
        return;
      case 'retry':
        throw new TryAgain(outcome.failure.code, outcome.delayMs);
      case 'wait':
        if (outcome.everyone) {
          await queue.closeGate(outcome.delayMs);
          throw new RateLimitError();
        }
        await job.moveToDelayed(clock() + outcome.delayMs, token);
        throw new DelayedError();
    }
  };

  const worker = new Worker<PassJob, void>(
    queueNames.pass,
    async (job, token) => conclude(job, await handle(job.data, attemptOf(job)), token),
    {
      connection: redis,
      prefix,
      concurrency,
      ...liveness,
      removeOnComplete: keepNothing,
      settings: {
        backoffStrategy: (_attempts, _type, error) => (error instanceof TryAgain ? error.delayMs : 1000),
      },
    },
  );
  worker.on('error', (error) => log.error({ event: 'queue.error', queue: queueNames.pass, err: error }));

  // BullMQ fails a job for good only when its workers died with it more often than `maxStalledCount`.
  // Settled before it is removed: whoever dies in between leaves it to the next look.
  const setAsideFallen = async () => {
    for (const { job, attempts, remove } of await queue.fallen()) {
      await setAside(job, attempts);
      await remove();
    }
  };
  let looked = Promise.resolve();
  const look = () => {
    looked = setAsideFallen().catch((error: unknown) =>
      log.error({ event: 'job.not-set-aside', err: error }),
    );
  };
  worker.on('failed', (job) => {
    if (job?.finishedOn !== undefined) look();
  });
  const looking = setInterval(look, LOOK_EVERY_MS);
  look();

  return {
    async stop() {
      clearInterval(looking);
      await worker.close();
      await looked;
    },
  };
}

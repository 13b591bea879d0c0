/** Takes pass jobs from the queue, has them done, and says each outcome in BullMQ's words. */

import { DelayedError, type Job, RateLimitError, type Telemetry, WaitingError, Worker } from 'bullmq';
import type { Outcome } from '../job/outcome.ts';
import type { PassJob } from '../job/pass-job.ts';
import type { Turn } from '../job/turn.ts';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { RedisConnection } from '../kit/redis.ts';
import { keepNothing, liveness, queueNames } from './names.ts';
import type { PassQueue } from './pass-queue.ts';
import { holdPermits } from './permit-holder.ts';
import type { Permits } from './permits.ts';

/** Does one job. `attempt` counts from 1 and leaves out the runs that ended in `wait`; calls are made in its turn only. */
export type HandlePassJob = (job: PassJob, attempt: number, turn: Turn) => Promise<Outcome>;

interface ConsumerOptions {
  redis: RedisConnection;
  prefix: string;
  queue: Pick<PassQueue, 'closeGate' | 'fallen'>;
  /** Keep the calls of all processes below the cap. */
  permits: Permits;
  /** The configured cap. As many jobs again are in hand in this process: the next is there when a call ends. */
  maxInFlight: number;
  /** The longest that a call may take, ms. */
  callMs: number;
  handle: HandlePassJob;
  /** Ends a job that killed its workers, `attempts` is how often it was tried; false where it is not to blame. */
  setAside: (job: PassJob, attempts: number) => Promise<boolean>;
  /** Traces each run of a job. */
  telemetry?: Telemetry | undefined;
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

/** To the front of the line, for the next worker. */
async function putBack(job: Job<PassJob, void>, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

/** The number of the attempt that begins now. */
function attemptOf({ data, attemptsMade }: Job<PassJob, void>): number {
  return (data.tried ?? 0) + attemptsMade + 1;
}

export function startPassConsumer(options: ConsumerOptions): PassConsumer {
  const { redis, prefix, queue, permits, maxInFlight, callMs, handle, setAside, telemetry, clock, log } =
    options;
  const holder = holdPermits({ permits, most: maxInFlight, callMs, clock, log });

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
          if (outcome.reason.why !== 'gate') await queue.closeGate(outcome.delayMs);
          throw new RateLimitError();
        }
        if (outcome.delayMs === 0) return putBack(job, token);
        await job.moveToDelayed(clock() + outcome.delayMs, token);
        throw new DelayedError();
    }
  };

  const work = async (job: Job<PassJob, void>, token: string | undefined): Promise<void> => {
    const turn = await holder.lineUp(job.opts.priority ?? 0);
    if (turn === undefined) return putBack(job, token);
    const outcome = await handle(job.data, attemptOf(job), turn).finally(turn.over);
    await conclude(job, outcome, token);
  };

  const worker = new Worker<PassJob, void>(queueNames.pass, work, {
    connection: redis,
    prefix,
    concurrency: 2 * maxInFlight,
    ...liveness,
    ...(telemetry !== undefined && { telemetry }),
    removeOnComplete: keepNothing,
    settings: {
      backoffStrategy: (_attempts, _type, error) => (error instanceof TryAgain ? error.delayMs : 1000),
    },
  });
  worker.on('error', (error) => log.error({ event: 'queue.error', queue: queueNames.pass, err: error }));

  // BullMQ fails a job for good only when its workers died with it more often than `maxStalledCount`.
  // Settled before it is removed: whoever dies in between leaves it to the next look.
  const setAsideFallen = async () => {
    for (const { job, attempts, remove, putBack: takeUp } of await queue.fallen()) {
      if (await setAside(job, attempts)) await remove();
      else await takeUp();
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
      holder.close();
      await worker.close();
      await holder.stop();
      await looked;
    },
  };
}

/** Takes entries from the pass queue, has their jobs done, and says what is left of each in BullMQ's words. */

import { DelayedError, type Job, RateLimitError, type Telemetry, WaitingError, Worker } from 'bullmq';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import { jittered } from '../domain/jobs/retry.ts';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { countConnects, type RedisConnection } from '../kit/redis/redis.ts';
import { type Entry, ENTRY_VERSION, jobsIn } from './batch-job.ts';
import { type HandlePassJob, makeEntryRun } from './batch-job-run.ts';
import { keepNothing, liveness, queueNames } from './names.ts';
import type { PassQueue } from './pass-queue.ts';
import { holdPermits } from '../limiter/permit-holder.ts';
import type { Permits } from '../limiter/permits.ts';
import { tracedRuns } from './traced-runs.ts';

interface ConsumerOptions {
  redis: RedisConnection;
  prefix: string;
  queue: Pick<PassQueue, 'closeGate' | 'retryLater' | 'stalledOut' | 'hold' | 'leave' | 'restore'>;
  /** Keep the calls of all processes below the limits. */
  permits: Permits;
  /** The configured cap. A few more entries are in hand in this process: the next job is there when a call ends. */
  maxInFlight: number;
  /** The longest that a call may take, ms. */
  callMs: number;
  handle: HandlePassJob;
  /** Ends a job that killed its workers, `times` is how often; false where it is not to blame. */
  deadLetter: (job: QueuedJob, times: number) => Promise<boolean>;
  /** Traces each run of a job. */
  telemetry?: Telemetry | undefined;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  log: Logger;
}

/** What fell is noticed at once, unless the process that sees it fall dies as well. */
const LOOK_EVERY_MS = 30_000;
/**
 * A slow call holds up its entry, so that as many may stand as there are calls; those beyond keep the line
 * from running dry. More would only leave less for other processes.
 */
const ENTRIES_AHEAD = 3;
/** How long an entry of a newer version is left to others. */
const NEWER_MS = 5000;

export interface PassConsumer {
  /** Takes no more jobs and waits for those at work. */
  stop(): Promise<void>;
}

export function startPassConsumer(options: ConsumerOptions): PassConsumer {
  const { redis, prefix, queue, permits, maxInFlight, callMs, deadLetter, telemetry, clock, random, log } =
    options;
  const handle = telemetry === undefined ? options.handle : tracedRuns(options.handle, telemetry);
  const holder = holdPermits({ permits, most: maxInFlight, callMs, clock, log });
  const run = makeEntryRun({ acquire: holder.acquire, handle, queue });

  /** Nothing of it is looked at, since it may mean something else by then. */
  const leaveToNewer = async (entry: Job<Entry, void>, token: string | undefined): Promise<never> => {
    const { v } = entry.data;
    log.warn(
      { event: 'job.newer', code: 'JOB_VERSION_UNKNOWN', entry: entry.id },
      `it has version ${v}, and ${ENTRY_VERSION} is known here`,
    );
    await entry.moveToDelayed(clock() + jittered(NEWER_MS, random()), token);
    throw new DelayedError();
  };

  const connects = countConnects(redis);
  /** How often Redis was connected to when an entry was taken. */
  const takenAt = new WeakMap<Job<Entry, void>, number>();
  const isForgotten = (entry: Job<Entry, void>) => takenAt.get(entry) !== connects();

  /** Redis is asked only where it was away since the last time. */
  const heldBy = (entry: Job<Entry, void>, token = '') => {
    let asked = { connects: connects(), answer: Promise.resolve(true) };
    return () => {
      if (asked.connects !== connects()) {
        asked = { connects: connects(), answer: queue.hold(entry.id ?? '', token) };
      }
      return asked.answer;
    };
  };

  const work = async (entry: Job<Entry, void>, token: string | undefined): Promise<void> => {
    const jobs = jobsIn(entry.data, entry.id ?? '');
    if (jobs === undefined) return leaveToNewer(entry, token);
    takenAt.set(entry, connects());
    const { left, why, error } = await run(jobs, entry.opts.priority ?? 0, heldBy(entry, token));
    // All of it once more: what Redis still knows of has ended, and the rest must not leave with it.
    if (isForgotten(entry)) throw new Error('Redis was away: what was taken down before may be gone');
    if (left.length === 0) return;
    // What is left out has ended or came back, so a worker that writes an older list loses nothing.
    if (left.length < jobs.length) await queue.leave(entry.id ?? '', left);
    if (error !== undefined) throw error;
    if (why === 'gate') throw new RateLimitError();
    // To the front of the line, for the next worker.
    await entry.moveToWait(token);
    throw new WaitingError();
  };

  const worker = new Worker<Entry, void>(queueNames.pass, work, {
    connection: redis,
    prefix,
    concurrency: maxInFlight + ENTRIES_AHEAD,
    ...liveness,
    removeOnComplete: keepNothing,
  });
  // The same where it was away in the very moment in which the entry left.
  worker.on('completed', (entry) => {
    if (!isForgotten(entry)) return;
    void queue
      .restore(entry)
      .catch((error: unknown) => log.error({ event: 'queue.not-taken-back', entry: entry.id, err: error }));
  });
  worker.on('error', (error) => log.error({ event: 'queue.error', queue: queueNames.pass, err: error }));

  // BullMQ fails an entry for good only when its workers died with it more often than `maxStalledCount`.
  // Its jobs are settled, or back in the queue, before it is removed: whoever dies in between leaves it to
  // the next look.
  const deadLetterStalled = async () => {
    for (const { jobs, times, priority, remove } of await queue.stalledOut()) {
      for (const job of jobs) {
        if (!(await deadLetter(job, times))) await queue.retryLater(job, 0, priority);
      }
      await remove();
    }
  };
  let looked = Promise.resolve();
  const look = () => {
    looked = deadLetterStalled().catch((error: unknown) =>
      log.error({ event: 'job.not-set-aside', err: error }),
    );
  };
  worker.on('failed', (entry) => {
    if (entry?.finishedOn !== undefined) look();
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

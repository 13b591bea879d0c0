/**
 * The BullMQ worker of the pass queue: takes batch jobs, runs their pass jobs, and tells BullMQ what is left of each
 * batch job. Jobs whose workers die repeatedly are dead-lettered.
 */

import {
  DelayedError,
  type Job,
  RateLimitError,
  SpanKind,
  type Telemetry,
  WaitingError,
  Worker,
} from 'bullmq';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import { jittered } from '../domain/jobs/retry.ts';
import type { AcquireSlot } from '../domain/jobs/slot.ts';
import type { Clock } from '../kit/clock.ts';
import { type Logger, makeLogThrottle } from '../kit/logger.ts';
import { startPeriodic } from '../kit/periodic.ts';
import { countConnects, type RedisConnection } from '../kit/redis/redis.ts';
import { BATCH_JOB_VERSION, type BatchJobData, queuedJobsOf } from './batch-job.ts';
import { type HandlePassJob, makeBatchJobRunner } from './batch-job-run.ts';
import { keepNothing, liveness, queueNames } from './names.ts';
import type { PassQueue } from './pass-queue.ts';

/** Hands out the slots of this process; see `limiter/slot-scheduler.ts`. */
interface CallLimiter {
  acquire: AcquireSlot;
  /** Turns away jobs whose call has not started. */
  close(): void;
  /** Must be called only after all slots are released. */
  stop(): Promise<void>;
}

interface ConsumerOptions {
  redis: RedisConnection;
  prefix: string;
  queue: Pick<PassQueue, 'closeGate' | 'retryLater' | 'stalledOut' | 'renewLock' | 'keepOnly' | 'restore'>;
  /** Owned by the consumer from now on, which stops it. */
  limiter: CallLimiter;
  /** The configured cap on calls in flight. */
  maxInFlight: number;
  handle: HandlePassJob;
  /** Settles a job whose workers died `attempts` times. Returns false if it need not be the cause: then it is requeued. */
  deadLetter: (job: QueuedJob, deaths: { attempts: number; isAlone: boolean }) => Promise<boolean>;
  /** Traces each run of a job. */
  telemetry?: Telemetry | undefined;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  log: Logger;
}

/**
 * Batch jobs that this process takes beyond `maxInFlight`. One slow call keeps its batch job open, so up to
 * `maxInFlight` may be nearly done; the extra ones keep the slots busy. More would take work from other processes.
 */
const PREFETCH = 3;
/** How often a worker checks whether the gate is still closed. */
const GATE_CHECK_MS = 2000;
/** How long a batch job of a newer version is left to other workers. */
const NEWER_VERSION_MS = 5000;
/** Stalled jobs are normally noticed at once; this finds those whose observer died, too. */
const DEAD_LETTER_EVERY_MS = 30_000;

export interface PassConsumer {
  /** Takes no more jobs, and turns away those whose call has not started. */
  quiesce(): void;
  /** Also waits for the calls in flight. */
  stop(): Promise<void>;
}

export function startPassConsumer(options: ConsumerOptions): PassConsumer {
  const { redis, prefix, queue, limiter, maxInFlight, deadLetter, telemetry, clock, random, log } = options;
  const handle = telemetry === undefined ? options.handle : traced(options.handle, telemetry);
  const run = makeBatchJobRunner({ acquire: limiter.acquire, handle, queue, log });

  /** Its content is not interpreted, since it may have another meaning in the newer version. */
  const leaveToNewerWorker = async (batchJob: BatchJob, token: string | undefined): Promise<never> => {
    const { v } = batchJob.data;
    log.warn(
      { event: 'job.newer-version', code: 'JOB_VERSION_UNKNOWN', batchJob: batchJob.id },
      `the batch job has version ${v}; this process reads up to ${BATCH_JOB_VERSION}`,
    );
    await batchJob.moveToDelayed(clock() + jittered(NEWER_VERSION_MS, random()), token);
    throw new DelayedError();
  };

  const connects = countConnects(redis);
  /** The number of connects to Redis when a batch job was taken. */
  const connectsAtStart = new WeakMap<BatchJob, number>();
  const redisReconnected = (batchJob: BatchJob) => connectsAtStart.get(batchJob) !== connects();

  /** Asks Redis for the lock only after a reconnect. */
  const lockCheckOf = (batchJob: BatchJob, token = '') => {
    let checked = { connects: connects(), holds: Promise.resolve(true) };
    return () => {
      if (checked.connects !== connects()) {
        checked = { connects: connects(), holds: queue.renewLock(batchJob.id ?? '', token) };
      }
      return checked.holds;
    };
  };

  const work = async (batchJob: BatchJob, token: string | undefined): Promise<void> => {
    const id = batchJob.id ?? '';
    const jobs = queuedJobsOf(batchJob.data, id, batchJob.attemptsStarted);
    if (jobs === undefined) return leaveToNewerWorker(batchJob, token);
    connectsAtStart.set(batchJob, connects());
    const { remaining, reason, error } = await run(
      jobs,
      batchJob.opts.priority ?? 0,
      lockCheckOf(batchJob, token),
    );
    // Jobs that Redis knows to be settled end at once in the next run; the others must not be lost with them.
    if (redisReconnected(batchJob)) {
      throw new Error(
        'Redis connection was lost; earlier writes may be missing, so the batch is reprocessed',
      );
    }
    if (remaining.length === 0) return;
    // The other jobs are settled or requeued, so a worker that overwrites this with an older list loses nothing.
    if (remaining.length < jobs.length) await queue.keepOnly(id, remaining);
    if (error !== undefined) throw error;
    if (reason === 'gate') throw new RateLimitError();
    // To the front of the queue, for the next worker.
    await batchJob.moveToWait(token);
    throw new WaitingError();
  };

  const worker = new Worker<BatchJobData, void>(queueNames.pass, work, {
    connection: redis,
    prefix,
    concurrency: maxInFlight + PREFETCH,
    // A gate that an operator opens must let jobs through soon.
    maximumRateLimitDelay: GATE_CHECK_MS,
    ...liveness,
    removeOnComplete: keepNothing,
  });
  // For a connection lost in the moment in which the batch job completed.
  worker.on('completed', (batchJob) => {
    if (!redisReconnected(batchJob)) return;
    void queue
      .restore(batchJob)
      .catch((error: unknown) =>
        log.error({ event: 'queue.restore-failed', batchJob: batchJob.id, err: error }),
      );
  });
  const isDue = makeLogThrottle();
  worker.on('error', (error) => {
    if (isDue(error)) log.error({ event: 'queue.error', queue: queueNames.pass, err: error });
  });

  // BullMQ fails a batch job permanently only if its workers died more than `maxStalledCount` times. It is removed
  // after all its jobs are settled or requeued, so if this process dies in between, the next run finishes it.
  const deadLetterStalled = async () => {
    for (const { jobs, attempts, priority, remove } of await queue.stalledOut()) {
      for (const job of jobs) {
        const deaths = { attempts, isAlone: jobs.length === 1 };
        if (!(await deadLetter(job, deaths))) await queue.retryLater(job, 0, priority);
      }
      await remove();
    }
  };
  const deadLettering = startPeriodic({
    name: 'dead letter',
    everyMs: DEAD_LETTER_EVERY_MS,
    work: deadLetterStalled,
    log,
  });
  worker.on('failed', (batchJob) => {
    if (batchJob?.finishedOn !== undefined) deadLettering.wake();
  });

  let closed: Promise<void> | undefined;
  const close = () => {
    limiter.close();
    return (closed ??= worker.close());
  };

  return {
    // `stop` reports its error.
    quiesce: () => void close().catch(() => {}),
    async stop() {
      await close();
      await limiter.stop();
      await deadLettering.stop();
    },
  };
}

type BatchJob = Job<BatchJobData, void>;

/**
 * Wraps the handler in a span per run, the parent of the spans of its HTTP calls. BullMQ's own span covers a whole
 * batch job.
 */
function traced(handle: HandlePassJob, { tracer, contextManager }: Telemetry): HandlePassJob {
  return async (job, slot) => {
    const parent = contextManager.active();
    const span = tracer.startSpan(`process ${queueNames.pass}`, { kind: SpanKind.CONSUMER }, parent);
    span.setAttributes({
      'job.id': job.id,
      'job.action': job.action,
      'job.attempt': (job.attempts ?? 0) + 1,
    });
    try {
      const outcome = await contextManager.with(span.setSpanOnContext(parent), () => handle(job, slot));
      span.setAttribute('job.outcome', outcome.kind);
      return outcome;
    } finally {
      span.end();
    }
  };
}

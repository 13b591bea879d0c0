/**
 * The queue of calls to Passmachine, and its 429 gate: while the gate is closed, no worker of any process starts a
 * job.
 */

import { type Job, Queue } from 'bullmq';
import { type FailureCode, isFailureCode } from '../domain/failures/failure.ts';
import { queueId } from '../domain/jobs/job-id.ts';
import { RATE_LIMITED } from '../domain/jobs/outcome.ts';
import { type PassJob, type QueuedJob, withoutDeliveryId } from '../domain/jobs/pass-job.ts';
import { defineScript, type RedisConnection } from '../kit/redis/redis.ts';
import { type BatchJobData, batchJobData, batchJobId, groupIntoBatches, queuedJobsOf } from './batch-job.ts';
import { jobOptions, liveness, priorities, type Priority, queueNames } from './names.ts';
import { makePassQueueStats, type PassQueueStats } from './pass-queue-stats.ts';

export interface PassQueue extends PassQueueStats {
  /** Adds jobs. A job whose id is already in the queue is ignored. */
  add(jobs: readonly PassJob[], priority: Priority): Promise<void>;
  /** Requeues a job that a worker has taken, as a new delivery after `delayMs`, with its numeric priority. */
  retryLater(job: QueuedJob, delayMs: number, priority: number): Promise<void>;
  /** Removes all other pass jobs from a batch job, before the worker that has taken it gives it back. */
  keepOnly(batchJob: string, jobs: readonly QueuedJob[]): Promise<void>;
  /** Renews a worker's lock after Redis was away. Returns false if the batch job is no longer the worker's. */
  renewLock(batchJob: string, token: string): Promise<boolean>;
  /** Adds a batch job again, unchanged, that left the queue too early. */
  restore(batchJob: Pick<Job<BatchJobData, void>, 'id' | 'data' | 'opts'>): Promise<void>;
  /**
   * Closes the gate for `ms`, at most a day, and records why. Never shortens an earlier closure of its kind: after a
   * 429, or for another cause. Returns whether it was open.
   */
  closeGate(ms: number, cause?: FailureCode): Promise<boolean>;
  /** Opens the gate. Every worker continues within 2 s. */
  openGate(): Promise<void>;
  /** Returns why the gate is closed; undefined if it is open. */
  gateCause(): Promise<FailureCode | undefined>;
  /** Returns the milliseconds until the gate opens; 0 if it is open. */
  gateMs(): Promise<number>;
  /** Yields pages of the jobs, of one campaign or all, that no worker has taken. They may be removed meanwhile. */
  waiting(campaign?: string): AsyncIterable<WaitingJob[]>;
  /** Removes a job unless a worker has taken it. */
  remove(job: PassJob): Promise<void>;
  /** Returns the jobs that BullMQ failed because their workers died repeatedly. */
  stalledOut(): Promise<StalledOut[]>;
  /** Returns the number of worker processes of this queue. */
  workers(): Promise<number>;
  close(): Promise<void>;
}

/** A job that is waiting to be taken, for the first time or for a retry. */
export interface WaitingJob {
  job: QueuedJob;
  /** Removes it from the queue unless a worker has taken it meanwhile. Safe to repeat. */
  remove(): Promise<void>;
}

/** The pass jobs of one batch job whose workers died. */
export interface StalledOut {
  jobs: QueuedJob[];
  /** How many workers took the batch job. */
  attempts: number;
  priority: number;
  /** Removes the batch job. */
  remove(): Promise<void>;
}

/** The largest value of RETRY_AFTER_MAX_SECONDS, whatever asked for the pause. */
const MAX_GATE_MS = 86_400_000;

/** Batch jobs read at a time. */
const PAGE = 100;

/** A count of jobs started this second that no limit reaches. */
const FULL = '9007199254740991';

/**
 * BullMQ's rate limiter is a single key: the number of jobs started this second. {@link FULL} pauses all workers.
 * BullMQ lets the last such pause win, this script the longest. The first key holds the cause. After a 429 it also stops
 * the jobs that workers have already taken, so no other cause may replace or prolong that: an outage must not stop the
 * call that finds out whether it is over. KEYS: gate, BullMQ's limiter. ARGV: ms, cause. Returns 1 if the gate was open.
 */
const closeGateScript = `
local gate, limiter = unpack(KEYS)
local ms, cause = unpack(ARGV)
local left, current = redis.call('PTTL', gate), redis.call('GET', gate)
local isSameKind = (cause == '${RATE_LIMITED}') == (current == '${RATE_LIMITED}')
if not current or (isSameKind and left < tonumber(ms)) or (not isSameKind and cause == '${RATE_LIMITED}') then
  redis.call('SET', gate, cause, 'PX', ms)
end
if redis.call('GET', limiter) ~= '${FULL}' or redis.call('PTTL', limiter) < tonumber(ms) then
  redis.call('SET', limiter, '${FULL}', 'PX', ms)
end
return current and 0 or 1`;

/**
 * A lock that expired while Redis was away still belongs to its worker unless another worker has taken the batch
 * job or it was put back into the queue. BullMQ's own extendLock gives up an expired lock.
 * KEYS: lock, active, stalled. ARGV: batch job id, the worker's token, ms.
 */
const renewLockScript = `
local lock, active, stalled = unpack(KEYS)
local id, token, ms = unpack(ARGV)
local holder = redis.call('GET', lock)
if holder and holder ~= token then return 0 end
if not holder and not redis.call('LPOS', active, id) then return 0 end
redis.call('SET', lock, token, 'PX', ms)
redis.call('SREM', stalled, id)
return 1`;

/**
 * Replaces the data of a batch job, optionally only if it is unchanged since it was read, so that concurrent
 * removals do not undo each other. KEYS: batch job. ARGV: new data, data as read (optional).
 */
const replaceDataScript = `
local data = redis.call('HGET', KEYS[1], 'data')
if not data or (ARGV[2] and data ~= ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'data', ARGV[1])
return 1`;

export function openPassQueue(redis: RedisConnection, prefix: string): PassQueue {
  const queue = new Queue<BatchJobData, void>(queueNames.pass, {
    connection: redis,
    prefix,
    // Nothing reads the event stream; the ledger has the facts.
    streams: { events: { maxLen: 100 } },
  });
  // It reconnects on its own; without a listener BullMQ would print every lost connection.
  queue.on('error', () => {});
  // The ledger's claim script reads it.
  const gateKey = `${prefix}:gate`;
  const closeGate = defineScript(redis, 'closePassGate', closeGateScript);
  const renewLock = defineScript(redis, 'renewBatchJobLock', renewLockScript);
  const replaceData = defineScript(redis, 'replaceBatchJobData', replaceDataScript);

  /** `asRead`: the data that must not have changed since. */
  const replaceJobs = async (id: string, jobs: PassJob[], ...asRead: string[]): Promise<boolean> => {
    const data = JSON.stringify({ v: 2, jobs } satisfies BatchJobData);
    return (await replaceData([queue.toKey(id)], [data, ...asRead])) === 1;
  };

  /** Removes a pass job from its batch job, and the batch job with the last of them. */
  const removeFromBatch = async (id: string, job: PassJob): Promise<void> => {
    for (;;) {
      const data = await redis.hget(queue.toKey(id), 'data');
      if (data === null) return;
      const batchJob = JSON.parse(data) as BatchJobData;
      const jobs = 'jobs' in batchJob ? batchJob.jobs : [batchJob];
      const others = jobs.filter((other) => queueId(other) !== queueId(job));
      if (others.length === jobs.length) return;
      if (others.length === 0) return void (await queue.remove(id));
      if (await replaceJobs(id, others, data)) return;
    }
  };

  async function* waiting(campaign?: string): AsyncIterable<WaitingJob[]> {
    // From the end, so that removals do not shift the pages still to be read.
    for (const kind of ['prioritized', 'wait', 'delayed'] as const) {
      for (let end = await queue.getJobCountByTypes(kind); end > 0; end -= PAGE) {
        const batchJobs: (Job<BatchJobData, void> | undefined)[] = await queue.getJobs(
          [kind],
          Math.max(0, end - PAGE),
          end - 1,
        );
        yield batchJobs.flatMap((batchJob) =>
          readableJobs(batchJob)
            .filter((job) => (campaign ?? job.campaign) === job.campaign)
            .map((job) => ({ job, remove: () => removeFromBatch(batchJob?.id ?? '', job) })),
        );
      }
    }
  }

  return {
    ...makePassQueueStats(redis, queue),
    async add(jobs, priority) {
      await queue.addBulk(
        groupIntoBatches(jobs).map((batch) => ({
          name: batch[0]?.action ?? '',
          data: batchJobData(batch),
          opts: jobOptions(batchJobId(batch), priorities[priority]),
        })),
      );
    },
    async retryLater(job, delayMs, priority) {
      const next = { ...withoutDeliveryId(job), requeues: (job.requeues ?? 0) + 1 };
      await queue.add(next.action, next, { ...jobOptions(batchJobId([next]), priority), delay: delayMs });
    },
    keepOnly: async (id, jobs) => void (await replaceJobs(id, jobs.map(withoutDeliveryId))),
    async renewLock(id, token) {
      const keys = [`${id}:lock`, 'active', 'stalled'].map((name) => queue.toKey(name));
      return (await renewLock(keys, [id, token, liveness.lockDuration])) === 1;
    },
    async restore({ id = '', data, opts }) {
      await queue.add('restored', data, jobOptions(id, opts.priority ?? 0));
    },
    async closeGate(ms, cause = RATE_LIMITED) {
      const bounded = Math.min(Math.max(1, Math.ceil(ms)), MAX_GATE_MS);
      return (await closeGate([gateKey, queue.toKey('limiter')], [bounded, cause])) === 1;
    },
    openGate: async () => void (await redis.del(gateKey, queue.toKey('limiter'))),
    async gateCause() {
      const cause = await redis.get(gateKey);
      return cause !== null && isFailureCode(cause) ? cause : undefined;
    },
    gateMs: async () => Math.max(0, await redis.pttl(gateKey)),
    waiting,
    async remove(job) {
      for await (const page of waiting(job.campaign)) {
        for (const one of page) if (queueId(one.job) === queueId(job)) await one.remove();
      }
    },
    async stalledOut() {
      const batchJobs = await queue.getFailed(0, PAGE - 1);
      return batchJobs.flatMap((batchJob) => {
        const jobs = readableJobs(batchJob);
        const remove = async () => void (await queue.remove(batchJob.id ?? ''));
        const { attemptsStarted: attempts, opts } = batchJob;
        return jobs.length === 0 ? [] : [{ jobs, attempts, priority: opts.priority ?? 0, remove }];
      });
    },
    workers: () => queue.getWorkersCount(),
    close: () => queue.close(),
  };
}

/** None if the batch job ended after its id was read, or if its version is newer. */
function readableJobs(batchJob: Job<BatchJobData, void> | undefined): QueuedJob[] {
  return batchJob === undefined ? [] : (queuedJobsOf(batchJob.data, batchJob.id ?? '') ?? []);
}

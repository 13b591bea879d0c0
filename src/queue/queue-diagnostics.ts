/** Reads the queues as BullMQ stores them. Changes nothing. */

import { type Job, Queue } from 'bullmq';
import type { JobDiagnostics, QueueDiagnostics } from '../domain/monitoring/diagnostics.ts';
import type { RedisConnection } from '../kit/redis/redis.ts';
import { type BatchJobData, queuedJobsOf } from './batch-job.ts';
import { priorities, queueNames } from './names.ts';

export interface QueueInspector {
  queues(now: number): Promise<QueueDiagnostics[]>;
  /** Finds a job by BullMQ's id, or the batch job that carries a pass job; undefined if no queue holds it. */
  find(id: string): Promise<JobDiagnostics | undefined>;
  close(): Promise<void>;
}

/** Batch jobs that are searched for a pass job, and how many are read at a time. */
const MAX_SEARCHED = 5000;
const PAGE = 100;

const searchedStates = ['active', 'prioritized', 'wait', 'delayed', 'failed'] as const;

export function openQueueInspector(redis: RedisConnection, prefix: string): QueueInspector {
  const queues = Object.values(queueNames).map((name) => new Queue(name, { connection: redis, prefix }));
  // They reconnect on their own; without a listener BullMQ would print every lost connection.
  for (const queue of queues) queue.on('error', () => {});
  return {
    queues: (now) => Promise.all(queues.map((queue) => describeQueue(redis, queue, now))),
    async find(id) {
      for (const queue of queues) {
        const job = (await findListed(queue, id)) ?? (await findCarrier(queue, id));
        if (job !== undefined) return describeJob(queue.name, job);
      }
      return undefined;
    },
    async close() {
      await Promise.all(queues.map((queue) => queue.close()));
    },
  };
}

async function describeQueue(redis: RedisConnection, queue: Queue, now: number): Promise<QueueDiagnostics> {
  const [counts, workers, oldestAt] = await Promise.all([
    queue.getJobCounts('wait', 'prioritized', 'delayed', 'active', 'failed'),
    queue.getWorkersCount(),
    oldestWaiting(redis, queue),
  ]);
  const count = (state: string) => counts[state] ?? 0;
  return {
    name: queue.name,
    counts: {
      waiting: count('wait'),
      prioritized: count('prioritized'),
      delayed: count('delayed'),
      active: count('active'),
      failed: count('failed'),
    },
    oldestWaitingMs: oldestAt === undefined ? undefined : Math.max(0, now - oldestAt),
    workers,
  };
}

/** Each priority is in the order of arrival, so its first job is its oldest. */
async function oldestWaiting(redis: RedisConnection, queue: Queue): Promise<number | undefined> {
  const ofPriority = async (priority: number) => {
    const range = [priority * 2 ** 32, `(${(priority + 1) * 2 ** 32}`] as const;
    const [first] = await redis.zrangebyscore(queue.toKey('prioritized'), ...range, 'LIMIT', 0, 1);
    return first;
  };
  const ids = await Promise.all([
    redis.lindex(queue.toKey('wait'), -1),
    ...Object.values(priorities).map(ofPriority),
  ]);
  const found = ids.filter((id) => id !== null && id !== undefined);
  const times = await Promise.all(found.map((id) => redis.hget(queue.toKey(id), 'timestamp')));
  const known = times.flatMap((at) => (at === null ? [] : [Number(at)]));
  return known.length === 0 ? undefined : Math.min(...known);
}

/**
 * Keys of BullMQ (`pass:events`) and of the ledger (`campaign:{id}:settled`) look like those of jobs, so an id counts only
 * if a list of the queue has it.
 */
async function findListed(queue: Queue, id: string): Promise<Job | undefined> {
  return (await queue.getJobState(id)) === 'unknown' ? undefined : queue.getJob(id);
}

async function findCarrier(queue: Queue, passJob: string): Promise<Job | undefined> {
  if (queue.name !== queueNames.pass) return undefined;
  for (const state of searchedStates) {
    for (let from = 0; from < MAX_SEARCHED; from += PAGE) {
      const page: (Job<BatchJobData> | undefined)[] = await queue.getJobs([state], from, from + PAGE - 1);
      const found = page.find((job) => passJobsOf(job).some(({ id }) => id === passJob));
      if (found !== undefined) return found;
      if (page.length < PAGE) break;
    }
  }
  return undefined;
}

async function describeJob(queue: string, job: Job): Promise<JobDiagnostics> {
  const { id = '', priority, timestamp, processedOn, delay, attemptsStarted, stalledCounter } = job;
  const state = await job.getState();
  return {
    queue,
    id,
    state,
    priority,
    addedAt: timestamp,
    ...(processedOn !== undefined && { takenAt: processedOn }),
    ...(state === 'delayed' && { dueAt: timestamp + delay }),
    attemptsStarted,
    stalls: stalledCounter,
    passJobs: queue === queueNames.pass ? passJobsOf(job) : [],
  };
}

/** None if a newer version wrote the batch job. */
function passJobsOf(job: Job<BatchJobData> | undefined): JobDiagnostics['passJobs'] {
  const jobs = job === undefined ? [] : (queuedJobsOf(job.data, job.id ?? '') ?? []);
  return jobs.map(({ id, attempts = 0 }) => ({ id, attempts }));
}

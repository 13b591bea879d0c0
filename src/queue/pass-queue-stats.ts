/** Read-only statistics of the pass queue, for the overview, metrics and the CLI. */

import type { Job, Queue } from 'bullmq';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import { defineScript, type RedisConnection } from '../kit/redis/redis.ts';
import { type BatchJobData, queuedJobsOf } from './batch-job.ts';
import { priorities } from './names.ts';

export interface PassQueueStats {
  /**
   * Returns the number of pass jobs by state. A batch job counts with its original size, so `active` may include
   * up to nine jobs per batch that have already ended.
   */
  depth(): Promise<{ waiting: number; delayed: number; active: number }>;
  /** Returns the pass jobs that workers have taken, the earliest taken first. */
  active(): Promise<QueuedJob[]>;
  /** Returns up to `limit` batch jobs' worth of the jobs that wait for a time, the first due first. */
  nextDelayed(limit: number): Promise<DelayedJob[]>;
  /** Returns when the oldest waiting and the oldest active job were added, ms since 1970; undefined for none. */
  oldestAt(): Promise<{ waiting: number | undefined; active: number | undefined }>;
}

/** A job that is not started before a time, ms since 1970. */
export interface DelayedJob {
  job: QueuedJob;
  dueAt: number;
}

/**
 * Reads sizes from the ids of batch jobs. The windows of the campaigns bound the number of batch jobs.
 * KEYS: wait, prioritized, delayed, active.
 */
const depthScript = `
local wait, prioritized, delayed, active = unpack(KEYS)
local function countJobs(ids)
  local sum = 0
  for _, id in ipairs(ids) do sum = sum + (tonumber(id:match('~(%d+)$')) or 1) end
  return sum
end
return {
  countJobs(redis.call('LRANGE', wait, 0, -1)) + countJobs(redis.call('ZRANGE', prioritized, 0, -1)),
  countJobs(redis.call('ZRANGE', delayed, 0, -1)),
  countJobs(redis.call('LRANGE', active, 0, -1))
}`;

/**
 * BullMQ orders by priority, then arrival: score = priority × 2³² + a counter.
 * KEYS: wait, prioritized, prefix of job keys, active. ARGV: all priorities. Returns oldest waiting, oldest active.
 */
const oldestScript = `
local wait, prioritized, jobPrefix, active = unpack(KEYS)
local function older(oldest, id)
  local addedAt = id and redis.call('HGET', jobPrefix .. id, 'timestamp')
  if addedAt and (oldest == '' or tonumber(addedAt) < tonumber(oldest)) then return addedAt end
  return oldest
end
local oldestActive = older('', redis.call('LINDEX', active, -1))
local oldestWaiting = older('', redis.call('LINDEX', wait, -1))
for _, priority in ipairs(ARGV) do
  local from = string.format('%.0f', priority * 4294967296)
  local below = string.format('(%.0f', (priority + 1) * 4294967296)
  local first = redis.call('ZRANGE', prioritized, from, below, 'BYSCORE', 'LIMIT', 0, 1)[1]
  oldestWaiting = older(oldestWaiting, first)
end
return { oldestWaiting, oldestActive }`;

export function makePassQueueStats(redis: RedisConnection, queue: Queue<BatchJobData, void>): PassQueueStats {
  const depth = defineScript(redis, 'passQueueDepth', depthScript);
  const oldest = defineScript(redis, 'oldestPassJobs', oldestScript);

  return {
    async depth() {
      const keys = ['wait', 'prioritized', 'delayed', 'active'].map((list) => queue.toKey(list));
      const [waiting, delayed, active] = (await depth(keys, [])) as [number, number, number];
      return { waiting, delayed, active };
    },
    async active() {
      // In the order in which they were taken, which the stable sort keeps within one millisecond.
      const batchJobs: (Job<BatchJobData, void> | undefined)[] = await queue.getJobs(['active'], 0, -1, true);
      return batchJobs
        .filter((batchJob) => batchJob !== undefined)
        .toSorted((a, b) => (a.processedOn ?? 0) - (b.processedOn ?? 0))
        .flatMap(({ data, id = '' }) => queuedJobsOf(data, id) ?? []);
    },
    async nextDelayed(limit) {
      const batchJobs: (Job<BatchJobData, void> | undefined)[] = await queue.getJobs(
        ['delayed'],
        0,
        limit - 1,
        true,
      );
      return batchJobs
        .filter((batchJob) => batchJob !== undefined)
        .flatMap(({ data, id = '', timestamp, delay }) =>
          (queuedJobsOf(data, id) ?? []).map((job) => ({ job, dueAt: timestamp + delay })),
        );
    },
    async oldestAt() {
      const keys = ['wait', 'prioritized', '', 'active'].map((list) => queue.toKey(list));
      const found = (await oldest(keys, Object.values(priorities))) as string[];
      const [waiting, active] = found.map((addedAt) => (addedAt === '' ? undefined : Number(addedAt)));
      return { waiting, active };
    },
  };
}

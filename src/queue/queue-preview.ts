/** What the pass queue holds, for whoever looks; it changes nothing. */

import type { Job, Queue } from 'bullmq';
import type { QueuedJob } from '../domain/jobs/pass-job.ts';
import { defineScript, type RedisConnection } from '../kit/redis/redis.ts';
import { type Entry, jobsIn } from './batch-job.ts';
import { priorities } from './names.ts';

export interface PassQueueLook {
  /**
   * Jobs waiting for their turn or for their next attempt, and those that workers have in hand. Entries count as
   * many as they were made of: some jobs of those that were begun have ended, at most nine of each.
   */
  depth(): Promise<{ waiting: number; delayed: number; active: number }>;
  /** The jobs that workers have in hand, those of entries that were taken first in front. */
  inHand(): Promise<QueuedJob[]>;
  /**
   * When (ms) the oldest was added of those that nobody has in hand, and of those that workers have; undefined
   * where there is none.
   */
  oldestAt(): Promise<{ waiting: number | undefined; inHand: number | undefined }>;
}

/** An entry's id tells how many jobs it was made of: see there. The windows of campaigns bound how many entries there are. */
const depthScript = `
local wait, prioritized, delayed, active = unpack(KEYS)
local function jobs(ids)
  local sum = 0
  for _, id in ipairs(ids) do sum = sum + (tonumber(id:match('~(%d+)$')) or 1) end
  return sum
end
return {
  jobs(redis.call('LRANGE', wait, 0, -1)) + jobs(redis.call('ZRANGE', prioritized, 0, -1)),
  jobs(redis.call('ZRANGE', delayed, 0, -1)),
  jobs(redis.call('LRANGE', active, 0, -1))
}`;

/** BullMQ orders by priority and then by arrival: score = priority × 2³² + a counter. */
const oldestScript = `
local oldest = ''
local function look(id)
  local at = id and redis.call('HGET', KEYS[3] .. id, 'timestamp')
  if at and (oldest == '' or tonumber(at) < tonumber(oldest)) then oldest = at end
end
look(redis.call('LINDEX', KEYS[4], -1))
local inHand = oldest
oldest = ''
look(redis.call('LINDEX', KEYS[1], -1))
for _, priority in ipairs(ARGV) do
  local least, next = priority * 4294967296, (priority + 1) * 4294967296
  look(redis.call('ZRANGE', KEYS[2], string.format('%.0f', least), string.format('(%.0f', next), 'BYSCORE', 'LIMIT', 0, 1)[1])
end
return { oldest, inHand }`;

export function lookAtPassQueue(redis: RedisConnection, queue: Queue<Entry, void>): PassQueueLook {
  const depth = defineScript(redis, 'passQueueDepth', depthScript);
  const oldest = defineScript(redis, 'oldestPassJobs', oldestScript);

  return {
    async depth() {
      const keys = ['wait', 'prioritized', 'delayed', 'active'].map((list) => queue.toKey(list));
      const [waiting, delayed, active] = (await depth(keys, [])) as [number, number, number];
      return { waiting, delayed, active };
    },
    async inHand() {
      // Oldest first, which decides between those that were taken in the same millisecond.
      const entries: (Job<Entry, void> | undefined)[] = await queue.getJobs(['active'], 0, -1, true);
      return entries
        .filter((entry) => entry !== undefined)
        .toSorted((a, b) => (a.processedOn ?? 0) - (b.processedOn ?? 0))
        .flatMap(({ data, id = '' }) => jobsIn(data, id) ?? []);
    },
    async oldestAt() {
      const keys = ['wait', 'prioritized', '', 'active'].map((list) => queue.toKey(list));
      const found = (await oldest(keys, Object.values(priorities))) as string[];
      const [waiting, inHand] = found.map((at) => (at === '' ? undefined : Number(at)));
      return { waiting, inHand };
    },
  };
}

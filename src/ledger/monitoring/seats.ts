/** Which slot each job at work is shown in: the same on every screen and from one look to the next. */

import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface Seats {
  /** The slot of each job, from 0 on, in the order given. A newcomer takes the first that is free. */
  of(jobs: readonly string[]): Promise<number[]>;
}

/** Whoever looks again later sees the jobs in new places. */
const KEPT_MS = 60_000;

const seatScript = `
local seats = KEYS[1]
local present, taken, slotOf, slots = {}, {}, {}, {}
for i = 2, #ARGV do present[ARGV[i]] = true end
local seated = redis.call('HGETALL', seats)
for i = 1, #seated, 2 do
  local slot, job = seated[i], seated[i + 1]
  if present[job] then
    taken[tonumber(slot)] = true
    slotOf[job] = tonumber(slot)
  else
    redis.call('HDEL', seats, slot)
  end
end
local free = 0
for i = 2, #ARGV do
  local job = ARGV[i]
  if not slotOf[job] then
    while taken[free] do free = free + 1 end
    taken[free] = true
    slotOf[job] = free
    redis.call('HSET', seats, free, job)
  end
  slots[#slots + 1] = slotOf[job]
end
redis.call('PEXPIRE', seats, ARGV[1])
return slots`;

export function makeSeats(redis: RedisConnection, keys: LedgerKeys): Seats {
  const seat = defineScript(redis, 'seatJobs', seatScript);
  return {
    of: async (jobs) =>
      jobs.length === 0 ? [] : ((await seat([keys.seats], [KEPT_MS, ...jobs])) as number[]),
  };
}

/** Ends jobs that were not sent because their customer is to be forgotten: skipped, for a reason of its own. */

import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { PassJob } from '../../domain/jobs/pass-job.ts';
import { defineScript } from '../../kit/redis/redis.ts';
import { holderLua } from '../jobs/in-flight-claim.ts';
import type { LedgerKeys } from '../keys.ts';

/** Only after the first two may it leave the queue. */
export type JobErasure =
  | 'erased'
  /** It had ended before. */
  | 'settled'
  /** A worker is sending it. */
  | 'out';

export interface EraseJob {
  /** Ends it, and lets go of it where it is parked. No line is written about the customer. */
  (job: PassJob): Promise<JobErasure>;
}

/** Whichever of its stays in the queue a worker has it from: their names begin alike. */
const eraseScript = `${holderLua}
local campaign, settled, flight, parked, skipped = unpack(KEYS)
local id, row = unpack(ARGV)
local out = holder(flight)
if out and out:sub(1, #id + 1) == id .. '@' then return 'out' end
redis.call('HDEL', parked, id)
if redis.call('SETBIT', settled, row, 1) == 1 then return 'settled' end
redis.call('HINCRBY', campaign, 'skipped', 1)
redis.call('HINCRBY', campaign, 'skipped:forgotten', 1)
redis.call('SETBIT', skipped, row, 1)
return 'erased'`;

export function makeEraseJob(redis: RedisConnection, keys: LedgerKeys): EraseJob {
  const erase = defineScript(redis, 'eraseJob', eraseScript);
  return async (job) => {
    const { campaign, id, row } = job;
    return (await erase(
      [
        keys.campaign(campaign),
        keys.settled(campaign),
        keys.flight(job),
        keys.parked(campaign),
        keys.skipped(campaign, 'forgotten'),
      ],
      [id, row],
    )) as JobErasure;
  };
}

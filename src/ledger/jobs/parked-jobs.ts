/**
 * Jobs that are out of the queue without having ended: their campaign does not run, or they failed
 * and were reopened. Each waits here, with the attempts it has used, until it is put back.
 */

import { rowJobId } from '../../domain/jobs/job-id.ts';
import type { PassJob, QueuedJob } from '../../domain/jobs/pass-job.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { holderLua } from './in-flight-claim.ts';
import type { LedgerKeys } from '../keys.ts';

/** What came of parking: only after `parked` and `settled` may the job leave the queue. */
export type Parking =
  | 'parked'
  /** It has ended. */
  | 'settled'
  /** A worker is sending it. */
  | 'out'
  /** Its campaign runs (again). */
  | 'running';

export interface ParkedJobs {
  /** Takes in a job of a campaign that does not run. */
  park(job: QueuedJob): Promise<Parking>;
  list(campaign: string): Promise<PassJob[]>;
  /** Those among the rows that are parked, in the order of the rows. */
  ofRows(campaign: string, rows: readonly number[]): Promise<PassJob[]>;
  /** Lets go of jobs as they were listed; one that was parked anew since then stays. */
  markQueued(campaign: string, jobs: readonly PassJob[]): Promise<void>;
}

/**
 * Parks a job; a fragment for scripts that have its campaign and the parked jobs at hand. The round
 * is new each time: no two stays of a job in the queue may be taken for one.
 */
export const parkLua = `
local function parkAs(round, parked, id, job)
  redis.call('HSET', parked, id, round .. ':' .. job)
end
local function park(campaign, parked, id, job)
  parkAs(redis.call('HINCRBY', campaign, 'parks', 1), parked, id, job)
end`;

const parkScript = `${holderLua}${parkLua}
local campaign, settled, flight, parked = unpack(KEYS)
local id, me, row, job = unpack(ARGV)
if redis.call('GETBIT', settled, row) == 1 then return 'settled' end
if holder(flight) == me then return 'out' end
if (redis.call('HGET', campaign, 'status') or 'running') == 'running' then return 'running' end
park(campaign, parked, id, job)
return 'parked'`;

const markQueuedScript = `
for i = 1, #ARGV, 2 do
  local standing = redis.call('HGET', KEYS[1], ARGV[i])
  if standing and standing:match('^%d+') == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end`;

export function makeParkedJobs(redis: RedisConnection, keys: LedgerKeys): ParkedJobs {
  const park = defineScript(redis, 'parkJob', parkScript);
  const markQueued = defineScript(redis, 'markQueued', markQueuedScript);

  return {
    async park(job) {
      const { campaign, id, row } = job;
      return (await park(
        [keys.campaign(campaign), keys.settled(campaign), keys.flight(job), keys.parked(campaign)],
        [id, job.stay, row, parkedForm(job)],
      )) as Parking;
    },
    async list(campaign) {
      return (await redis.hvals(keys.parked(campaign))).map(readParked);
    },
    async ofRows(campaign, rows) {
      if (rows.length === 0) return [];
      const ids = rows.map((row) => rowJobId(campaign, row));
      const found = await redis.hmget(keys.parked(campaign), ...ids);
      return found.filter((value) => value !== null).map(readParked);
    },
    async markQueued(campaign, jobs) {
      if (jobs.length === 0) return;
      await markQueued(
        [keys.parked(campaign)],
        jobs.flatMap(({ id, round }) => [id, round ?? 0]),
      );
    },
  };
}

/** A job as {@link parkLua} takes it: the round is the script's to give. */
export function parkedForm(job: PassJob): string {
  return JSON.stringify({ ...job, round: undefined, again: undefined, stay: undefined });
}

function readParked(value: string): PassJob {
  const colon = value.indexOf(':');
  return { ...(JSON.parse(value.slice(colon + 1)) as PassJob), round: Number(value.slice(0, colon)) };
}

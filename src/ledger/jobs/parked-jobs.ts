/**
 * Parked jobs: jobs outside the queue that have not ended, because their campaign is not running, they were
 * reopened after a failure, or a webhook has just stored them. Each keeps its attempts until it is queued.
 */

import { rowJobId } from '../../domain/jobs/job-id.ts';
import type { PassJob, QueuedJob } from '../../domain/jobs/pass-job.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { claimOwnerLua } from './claim.ts';

/** After `parked` and `settled` the job may be removed from the queue; otherwise it must stay. */
export type ParkResult =
  | 'parked'
  /** It reached a final state. */
  | 'settled'
  /** A worker holds its claim. */
  | 'in-flight'
  /** Its campaign is running. */
  | 'running';

export interface ParkedJobs {
  /** Parks a job unless its campaign is running. */
  park(job: QueuedJob): Promise<ParkResult>;
  list(campaign: string): Promise<PassJob[]>;
  /** The parked jobs of the given rows, in the order of the rows. */
  ofRows(campaign: string, rows: readonly number[]): Promise<PassJob[]>;
  /** Removes jobs once they are queued; keeps a job that was parked again since it was listed. */
  markQueued(campaign: string, jobs: readonly PassJob[]): Promise<void>;
}

/**
 * Lua functions that park a job. Each time gives it a new generation, so that its queue ids differ: BullMQ ignores
 * a job whose id is still in the queue.
 */
export const parkLua = `
local function parkAs(generation, parked, id, job)
  redis.call('HSET', parked, id, generation .. ':' .. job)
end
local function park(campaign, parked, id, job)
  parkAs(redis.call('HINCRBY', campaign, 'generations', 1), parked, id, job)
end`;

const parkKeys = scriptKeys('campaign', 'settled', 'inFlight', 'parked');
const parkArgs = scriptArgs('id', 'delivery', 'row', 'job');
const parkScript = `${claimOwnerLua}${parkLua}
${parkKeys.lua}${parkArgs.lua}
if redis.call('GETBIT', settled, row) == 1 then return 'settled' end
if claimOwner(inFlight) == delivery then return 'in-flight' end
if (redis.call('HGET', campaign, 'status') or 'running') == 'running' then return 'running' end
park(campaign, parked, id, job)
return 'parked'`;

const markQueuedScript = `
for i = 1, #ARGV, 2 do
  local stored = redis.call('HGET', KEYS[1], ARGV[i])
  if stored and stored:match('^%d+') == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end`;

export function makeParkedJobs(redis: RedisConnection, keys: LedgerKeys): ParkedJobs {
  const park = defineScript(redis, 'parkJob', parkScript);
  const markQueued = defineScript(redis, 'markQueued', markQueuedScript);

  return {
    async park(job) {
      const { campaign, id, row } = job;
      return (await park(
        parkKeys.pack({
          campaign: keys.campaign(campaign),
          settled: keys.settled(campaign),
          inFlight: keys.inFlight(job),
          parked: keys.parked(campaign),
        }),
        parkArgs.pack({ id, delivery: job.deliveryId, row, job: parkedForm(job) }),
      )) as ParkResult;
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
        jobs.flatMap(({ id, generation }) => [id, generation ?? 0]),
      );
    },
  };
}

/** Serializes a job for {@link parkLua}; the script assigns the generation. */
export function parkedForm(job: PassJob): string {
  return JSON.stringify({ ...job, generation: undefined, requeues: undefined, deliveryId: undefined });
}

function readParked(value: string): PassJob {
  const colon = value.indexOf(':');
  return { ...(JSON.parse(value.slice(colon + 1)) as PassJob), generation: Number(value.slice(0, colon)) };
}

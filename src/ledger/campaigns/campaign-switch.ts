/** Halts and resumes campaigns. Every claim checks the status, so a change takes effect immediately. */

import type { CampaignStatus, Halt, HaltedStatus } from '../../domain/campaigns/campaign.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { failureGuardLua } from '../jobs/failure-guard.ts';
import type { LedgerKeys } from '../keys.ts';
import { campaignStatusLua } from './campaign-status.ts';
import { openCampaignLua } from './open-campaigns.ts';

export interface CampaignSwitch {
  /**
   * Halts a running campaign; one that is planned, paused or held can only be stopped, and a finished one stays
   * finished. Returns the resulting status; undefined if the campaign does not exist.
   */
  halt(id: string, to: HaltedStatus, why: Halt): Promise<CampaignStatus | undefined>;
  /**
   * Starts a campaign that is planned for the time `startAt`; holds it instead if a reason is given. Does nothing if it
   * was started, halted or planned for another time meanwhile. Returns the resulting status.
   */
  start(id: string, startAt: number, late?: Halt): Promise<CampaignStatus | undefined>;
  /** Changes the time of a planned campaign. Returns its status: it is unchanged unless that is `planned`. */
  reschedule(id: string, startAt: number): Promise<CampaignStatus | undefined>;
  /** Resumes a halted campaign, or starts a planned one now. Idempotent; a finished one stays finished. */
  resume(id: string): Promise<CampaignStatus | undefined>;
  /** Records that nothing of a stopped campaign is in the queue any more: all its unsettled rows count as stopped. */
  markDrained(id: string): Promise<void>;
}

const haltScript = `${campaignStatusLua}
local status = campaignStatus(KEYS[1])
local to, halt = unpack(ARGV)
if status ~= 'running' and not (to == 'stopped' and (status == 'planned' or status == 'paused' or status == 'held')) then
  return status
end
redis.call('HSET', KEYS[1], 'status', to, 'halt', halt)
return to`;

/**
 * A planned campaign has the field `startAt` until it starts. KEYS: campaign. ARGV: its time, and the halt if it is late or
 * an empty text.
 */
const startScript = `${campaignStatusLua}
local status = campaignStatus(KEYS[1])
local startAt, halt = unpack(ARGV)
if status ~= 'planned' or redis.call('HGET', KEYS[1], 'startAt') ~= startAt then return status end
if halt ~= '' then
  redis.call('HSET', KEYS[1], 'status', 'held', 'halt', halt)
  return 'held'
end
redis.call('HDEL', KEYS[1], 'startAt')
redis.call('HSET', KEYS[1], 'status', 'running')
return 'running'`;

const rescheduleScript = `${campaignStatusLua}
local status = campaignStatus(KEYS[1])
if status == 'planned' then redis.call('HSET', KEYS[1], 'startAt', ARGV[1]) end
return status`;

/**
 * A planned campaign that was held because the store was restored is planned again. KEYS: campaign, open campaigns, ended
 * campaigns. ARGV: id.
 */
const resumeScript = `${campaignStatusLua}${failureGuardLua}${openCampaignLua}
local status = campaignStatus(KEYS[1])
if status ~= 'planned' and status ~= 'paused' and status ~= 'held' and status ~= 'stopped' then return status end
local halt = redis.call('HGET', KEYS[1], 'halt')
local kind = halt and cjson.decode(halt).kind
if kind == 'bad-rows' then redis.call('HSET', KEYS[1], 'badRows', 'accepted')
elseif kind == 'canary' then redis.call('HSET', KEYS[1], 'canary', 'passed')
elseif kind == 'failures' then resetFailureBaseline(KEYS[1]) end
redis.call('HDEL', KEYS[1], 'halt', 'drained', 'feedProblem')
redis.call('HINCRBY', KEYS[1], 'resumes', 1)
openCampaign(KEYS[2], KEYS[3], ARGV[1])
local to = 'running'
if kind == 'restored' and redis.call('HEXISTS', KEYS[1], 'startAt') == 1 then to = 'planned'
else redis.call('HDEL', KEYS[1], 'startAt') end
redis.call('HSET', KEYS[1], 'status', to)
return to`;

const markDrainedScript = `
if redis.call('HGET', KEYS[1], 'status') == 'stopped' then redis.call('HSET', KEYS[1], 'drained', 1) end`;

export function makeCampaignSwitch(redis: RedisConnection, keys: LedgerKeys): CampaignSwitch {
  const halt = defineScript(redis, 'haltCampaign', haltScript);
  const start = defineScript(redis, 'startPlannedCampaign', startScript);
  const reschedule = defineScript(redis, 'rescheduleCampaign', rescheduleScript);
  const resume = defineScript(redis, 'resumeCampaign', resumeScript);
  const markDrained = defineScript(redis, 'markCampaignDrained', markDrainedScript);

  return {
    halt: async (id, to, why) => statusOf(await halt([keys.campaign(id)], [to, JSON.stringify(why)])),
    start: async (id, startAt, late) =>
      statusOf(await start([keys.campaign(id)], [startAt, late === undefined ? '' : JSON.stringify(late)])),
    reschedule: async (id, startAt) => statusOf(await reschedule([keys.campaign(id)], [startAt])),
    resume: async (id) =>
      statusOf(await resume([keys.campaign(id), keys.openCampaigns, keys.endedCampaigns], [id])),
    async markDrained(id) {
      await markDrained([keys.campaign(id)], []);
    },
  };
}

function statusOf(reply: unknown): CampaignStatus | undefined {
  return (reply ?? undefined) as CampaignStatus | undefined;
}

/** Halts and resumes campaigns. Every claim checks the status, so a change takes effect immediately. */

import type { CampaignStatus, Halt, HaltedStatus } from '../../domain/campaigns/campaign.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { failureGuardLua } from '../jobs/failure-guard.ts';
import type { LedgerKeys } from '../keys.ts';
import { campaignStatusLua } from './campaign-status.ts';
import { openCampaignLua } from './open-campaigns.ts';

export interface CampaignSwitch {
  /**
   * Halts a running campaign; a paused or held one can only be stopped, and a finished one stays finished.
   * Returns the resulting status; undefined if the campaign does not exist.
   */
  halt(id: string, to: HaltedStatus, why: Halt): Promise<CampaignStatus | undefined>;
  /** Resumes a halted campaign. Idempotent; a finished one stays finished. */
  resume(id: string): Promise<CampaignStatus | undefined>;
  /** Records that nothing of a stopped campaign is in the queue any more: all its unsettled rows count as stopped. */
  markDrained(id: string): Promise<void>;
}

const haltScript = `${campaignStatusLua}
local status = campaignStatus(KEYS[1])
local to, halt = unpack(ARGV)
if status ~= 'running' and not (to == 'stopped' and (status == 'paused' or status == 'held')) then return status end
redis.call('HSET', KEYS[1], 'status', to, 'halt', halt)
return to`;

/** KEYS: campaign, open campaigns, ended campaigns. ARGV: id. */
const resumeScript = `${campaignStatusLua}${failureGuardLua}${openCampaignLua}
local status = campaignStatus(KEYS[1])
if status ~= 'paused' and status ~= 'held' and status ~= 'stopped' then return status end
local halt = redis.call('HGET', KEYS[1], 'halt')
local kind = halt and cjson.decode(halt).kind
if kind == 'bad-rows' then redis.call('HSET', KEYS[1], 'badRows', 'accepted')
elseif kind == 'canary' then redis.call('HSET', KEYS[1], 'canary', 'passed')
elseif kind == 'failures' then resetFailureBaseline(KEYS[1]) end
redis.call('HDEL', KEYS[1], 'halt', 'drained', 'feedProblem')
redis.call('HINCRBY', KEYS[1], 'resumes', 1)
redis.call('HSET', KEYS[1], 'status', 'running')
openCampaign(KEYS[2], KEYS[3], ARGV[1])
return 'running'`;

const markDrainedScript = `
if redis.call('HGET', KEYS[1], 'status') == 'stopped' then redis.call('HSET', KEYS[1], 'drained', 1) end`;

export function makeCampaignSwitch(redis: RedisConnection, keys: LedgerKeys): CampaignSwitch {
  const halt = defineScript(redis, 'haltCampaign', haltScript);
  const resume = defineScript(redis, 'resumeCampaign', resumeScript);
  const markDrained = defineScript(redis, 'markCampaignDrained', markDrainedScript);

  return {
    halt: async (id, to, why) => statusOf(await halt([keys.campaign(id)], [to, JSON.stringify(why)])),
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

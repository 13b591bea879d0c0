/** Halts and resumes campaigns. Every claim checks the status, so a change takes effect immediately. */

import type { CampaignStatus, Halt, HaltedStatus } from '../../domain/campaigns/campaign.ts';
import { finalStates } from '../../domain/jobs/outcome.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { failureGuardLua } from '../jobs/failure-guard.ts';
import type { LedgerKeys } from '../keys.ts';

export interface CampaignSwitch {
  /**
   * Halts a running campaign; a paused or held one can only be stopped, and a finished one stays finished.
   * Returns the resulting status; undefined if the campaign does not exist.
   */
  halt(id: string, to: HaltedStatus, why: Halt): Promise<CampaignStatus | undefined>;
  /** Resumes a halted campaign. Idempotent; a finished one stays finished. */
  resume(id: string): Promise<CampaignStatus | undefined>;
}

const currentLua = `
local function current(campaign)
  local status, fed, rows = unpack(redis.call('HMGET', campaign, 'status', 'fed', 'rows'))
  if not status or status == 'stopped' or fed ~= '1' then return status end
  local settled = 0
  for _, count in ipairs(redis.call('HMGET', campaign, ${finalStates.map((state) => `'${state}'`).join(', ')})) do
    settled = settled + (count or 0)
  end
  return settled == tonumber(rows) and 'finished' or status
end`;

const haltScript = `${currentLua}
local status = current(KEYS[1])
local to, halt = unpack(ARGV)
if status ~= 'running' and not (to == 'stopped' and (status == 'paused' or status == 'held')) then return status end
redis.call('HSET', KEYS[1], 'status', to, 'halt', halt)
return to`;

const resumeScript = `${currentLua}${failureGuardLua}
local status = current(KEYS[1])
if status ~= 'paused' and status ~= 'held' and status ~= 'stopped' then return status end
local halt = redis.call('HGET', KEYS[1], 'halt')
local kind = halt and cjson.decode(halt).kind
if kind == 'bad-rows' then redis.call('HSET', KEYS[1], 'badRows', 'accepted')
elseif kind == 'canary' then redis.call('HSET', KEYS[1], 'canary', 'passed')
elseif kind == 'failures' then resetFailureBaseline(KEYS[1]) end
redis.call('HDEL', KEYS[1], 'halt')
redis.call('HINCRBY', KEYS[1], 'resumes', 1)
redis.call('HSET', KEYS[1], 'status', 'running')
return 'running'`;

export function makeCampaignSwitch(redis: RedisConnection, keys: LedgerKeys): CampaignSwitch {
  const halt = defineScript(redis, 'haltCampaign', haltScript);
  const resume = defineScript(redis, 'resumeCampaign', resumeScript);

  return {
    halt: async (id, to, why) => statusOf(await halt([keys.campaign(id)], [to, JSON.stringify(why)])),
    resume: async (id) => statusOf(await resume([keys.campaign(id)], [])),
  };
}

function statusOf(reply: unknown): CampaignStatus | undefined {
  return (reply ?? undefined) as CampaignStatus | undefined;
}

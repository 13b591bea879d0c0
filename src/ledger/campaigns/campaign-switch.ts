/** Halts and resumes campaigns. Workers look at the status with every claim, so it is obeyed at once. */

import type { CampaignStatus, Halt, HaltedStatus } from '../../domain/campaigns/campaign.ts';
import { finalStates } from '../../domain/jobs/outcome.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { failureGuardLua } from '../jobs/failure-guard.ts';
import type { LedgerKeys } from '../keys.ts';

export interface CampaignSwitch {
  /**
   * Puts a campaign into a status, unless it has ended. A paused one can be stopped; otherwise one
   * that is halted already stays as it is. Returns the status it has now; undefined for no such campaign.
   */
  halt(id: string, to: HaltedStatus, why: Halt): Promise<CampaignStatus | undefined>;
  /** Lets it run again, unless it has ended. A second call changes nothing. */
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
if kind == 'bad-rows' then redis.call('HSET', KEYS[1], 'badRows', 'taken')
elseif kind == 'canary' then redis.call('HSET', KEYS[1], 'canary', 'passed')
elseif kind == 'failures' then forgiveFailures(KEYS[1]) end
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

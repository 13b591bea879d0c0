/**
 * The set of open campaigns: those that still have something to do. A campaign joins it in the script that creates it,
 * and leaves it once it has ended and nothing of it is left in the queue or in the outbox. Whatever gives it work again
 * (resuming, a retry, a webhook request) opens it again in the same script. So the cost of looking after campaigns
 * depends on the open ones, not on all that ever ran.
 */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { campaignStatusLua } from './campaign-status.ts';

export interface OpenCampaigns {
  openIds(): Promise<string[]>;
  /** All open campaigns, newest first. */
  listOpen(): Promise<Campaign[]>;
  /** Campaigns that ended at `since` (ms) or later, latest first, at most `limit`. */
  listEnded(since: number, limit: number): Promise<Campaign[]>;
  /** When each campaign ended that did so at `since` (ms) or later, by id. */
  endedSince(since: number): Promise<ReadonlyMap<string, number>>;
  /**
   * Takes a campaign out of the open ones if nothing of it is left to do, and records when (`now`, ms). `isOver`: no
   * webhook requests can come for it any more. Returns whether it did.
   */
  close(id: string, options: { isOver: boolean; now: number }): Promise<boolean>;
}

/** Lua function: opens a campaign, new or closed. */
export const openCampaignLua = `
local function openCampaign(open, ended, id)
  if redis.call('SADD', open, id) == 1 then redis.call('ZREM', ended, id) end
end`;

/** Lua function: returns whether all write-backs of a campaign were accepted or given up. */
export const isWrittenBackLua = `
local function isWrittenBack(campaign)
  local all, written, failed = unpack(redis.call('HMGET', campaign, 'writeBacks', 'writtenBack', 'writeBackFailures'))
  return (all or 0) - (written or 0) - (failed or 0) <= 0
end`;

const closeKeys = scriptKeys('campaign', 'parked', 'open', 'ended');
const closeArgs = scriptArgs('id', 'isOver', 'now');
const closeScript = `${campaignStatusLua}${isWrittenBackLua}
${closeKeys.lua}${closeArgs.lua}
local status, unsettled = campaignStatus(campaign)
local left = unsettled
if not status then left = 0
elseif not isWrittenBack(campaign) then return 0
elseif status == 'finished' then
  -- A crash can leave a job parked that has run: no row needs it any more.
  redis.call('UNLINK', parked)
elseif status == 'stopped' then
  local isDrained = redis.call('HGET', campaign, 'drained') == '1'
  left = isDrained and 0 or unsettled - redis.call('HLEN', parked)
elseif isOver ~= '1' then return 0
end
if left > 0 then return 0 end
redis.call('SREM', open, id)
if status then redis.call('ZADD', ended, now, id) end
return 1`;

export function makeOpenCampaigns(
  redis: RedisConnection,
  keys: LedgerKeys,
  /** Finds campaigns in the given order, without those that are gone. */
  findAll: (ids: readonly string[]) => Promise<Campaign[]>,
): OpenCampaigns {
  const close = defineScript(redis, 'closeCampaign', closeScript);
  return {
    openIds: () => redis.smembers(keys.openCampaigns),
    async listOpen() {
      const found = await findAll(await redis.smembers(keys.openCampaigns));
      return found.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
    },
    listEnded: async (since, limit) =>
      findAll(await redis.zrevrangebyscore(keys.endedCampaigns, '+inf', since, 'LIMIT', 0, limit)),
    async endedSince(since) {
      const ended = await redis.zrangebyscore(keys.endedCampaigns, since, '+inf', 'WITHSCORES');
      return new Map(
        ended.flatMap((id, index) => (index % 2 === 0 ? [[id, Number(ended[index + 1])] as const] : [])),
      );
    },
    async close(id, { isOver, now }) {
      const reply = await close(
        closeKeys.pack({
          campaign: keys.campaign(id),
          parked: keys.parked(id),
          open: keys.openCampaigns,
          ended: keys.endedCampaigns,
        }),
        closeArgs.pack({ id, isOver: isOver ? 1 : 0, now }),
      );
      return reply === 1;
    },
  };
}

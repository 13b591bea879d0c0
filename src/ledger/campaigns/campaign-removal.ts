/**
 * Deletes campaigns that ended long ago. A campaign that is being deleted can no longer be found or opened again; what
 * else it holds is deleted in bounded steps, which another process finishes after a crash.
 */

import { type SkipReason, skipReasons } from '../../domain/jobs/outcome.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { rowLocation } from '../customers/customer-layout.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { isWrittenBackLua } from './open-campaigns.ts';

/** What is needed to find the data of a campaign whose hash is gone. */
export interface Removal {
  id: string;
  /** Number of its last row. */
  rows: number;
  /** Ids of its causes of failure. */
  causes: readonly string[];
  /** Name of the configured source that its file was fetched from. */
  source?: string | undefined;
}

export interface CampaignRemoval {
  /** Ids of campaigns that were closed before `before` (ms), the earliest first: at most `limit`, behind the first `offset`. */
  endedBefore(before: number, offset: number, limit: number): Promise<string[]>;
  /**
   * Begins to delete a campaign that was closed before `before` (ms). Returns false, and changes nothing, if it was
   * opened again; a campaign with pending write-backs is opened.
   */
  begin(removal: Removal, before: number): Promise<boolean>;
  /** Deletes the rest of its data. Can be repeated. */
  finish(removal: Removal): Promise<void>;
  /** Removals that were begun and not finished. */
  unfinished(): Promise<Removal[]>;
}

const beginKeys = scriptKeys('campaign', 'campaigns', 'open', 'ended', 'serials', 'removals', 'secondCards');
const beginArgs = scriptArgs('id', 'before', 'removal');
const beginScript = `${isWrittenBackLua}
${beginKeys.lua}${beginArgs.lua}
local endedAt = redis.call('ZSCORE', ended, id)
if not endedAt or tonumber(endedAt) >= tonumber(before) then return 0 end
if not isWrittenBack(campaign) then
  redis.call('ZREM', ended, id)
  redis.call('SADD', open, id)
  return 0
end
redis.call('HSET', removals, id, removal)
local serial = redis.call('HGET', campaign, 'serial')
if serial then redis.call('HDEL', serials, serial) end
redis.call('DEL', campaign)
redis.call('ZREM', campaigns, id)
redis.call('ZREM', ended, id)
redis.call('SREM', secondCards, id)
return 1`;

/**
 * Lua: forgets the files that a campaign took, except for the newest of the source: as long as that is known, no older
 * file is taken. KEYS: taken. ARGV: campaign id.
 */
const releaseFilesScript = `
local newest = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
if not newest then return end
for _, entry in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', '(' .. newest, 'BYSCORE')) do
  if cjson.decode(entry).campaign == ARGV[1] then redis.call('ZREM', KEYS[1], entry) end
end`;

/** Keys deleted by one command. Redis frees their memory in the background. */
const UNLINK_STEP = 100;

export function makeCampaignRemoval(redis: RedisConnection, keys: LedgerKeys): CampaignRemoval {
  const begin = defineScript(redis, 'beginRemoval', beginScript);
  const releaseFiles = defineScript(redis, 'releaseFiles', releaseFilesScript);

  function* keysOf({ id, rows, causes }: Removal): Generator<string> {
    yield* [keys.settled(id), keys.causes(id), keys.discarded(id), keys.parked(id)];
    yield* [keys.pendingImport(id), keys.throughput(id)];
    for (const reason of Object.keys(skipReasons) as SkipReason[]) yield keys.skipped(id, reason);
    for (const cause of causes) yield keys.failed(id, cause);
    for (let part = 0; part <= rowLocation(rows).part; part += 1) yield keys.rowCustomers(id, part);
  }

  return {
    endedBefore: (before, offset, limit) =>
      redis.zrangebyscore(keys.endedCampaigns, '-inf', `(${before}`, 'LIMIT', offset, limit),
    async begin(removal, before) {
      const { id } = removal;
      const reply = await begin(
        beginKeys.pack({
          campaign: keys.campaign(id),
          campaigns: keys.campaigns,
          open: keys.openCampaigns,
          ended: keys.endedCampaigns,
          serials: keys.campaignSerials,
          removals: keys.removals,
          secondCards: keys.secondCards,
        }),
        beginArgs.pack({ id, before, removal: JSON.stringify(removal) }),
      );
      return reply === 1;
    },
    async finish(removal) {
      const { id, source } = removal;
      let step: string[] = [];
      for (const key of keysOf(removal)) {
        step.push(key);
        if (step.length < UNLINK_STEP) continue;
        await redis.unlink(step);
        step = [];
      }
      if (step.length > 0) await redis.unlink(step);
      if (source !== undefined) await releaseFiles([keys.taken(source)], [id]);
      await redis.hdel(keys.removals, id);
    },
    async unfinished() {
      return (await redis.hvals(keys.removals)).map((removal) => JSON.parse(removal) as Removal);
    },
  };
}

/**
 * Write-backs on their way home. An entry appears in the same script that settles its card, so no
 * crash can fall between the two, and leaves when Bloomreach accepted it or it was given up.
 * Whoever takes entries leases them: those of a dead process come up again.
 */

import type { Redis } from 'ioredis';
import type { Failure } from '../job/failure.ts';
import type { WriteBack } from '../job/write-back.ts';
import { defineScript } from '../kit/redis.ts';
import type { FailedWriteBack } from '../job/failed.ts';
import type { LedgerKeys } from './keys.ts';

export interface Outbox {
  /**
   * Leases up to `size` entries that are due: a full batch at once, a smaller one as soon as its
   * oldest entry has waited `maxWaitMs`. Nothing otherwise.
   */
  take(options: { size: number; maxWaitMs: number; leaseMs: number; now: number }): Promise<WriteBack[]>;
  /** Bloomreach has these: they leave. */
  delivered(entries: readonly WriteBack[]): Promise<void>;
  /** Puts entries back, to be taken again at `due` (ms). */
  putBack(entries: readonly WriteBack[], due: number): Promise<void>;
  /** Bloomreach will not have this one: it leaves for the failure index. */
  giveUp(entry: WriteBack, failure: Failure, now: number): Promise<void>;
  /** How many entries wait, and since when (ms) the oldest is due. */
  depth(): Promise<{ waiting: number; oldestDue: number | undefined }>;
}

const takeScript = `
local outbox, due = unpack(KEYS)
local now, size, maxWait, lease = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ids = redis.call('ZRANGE', due, '-inf', now, 'BYSCORE', 'LIMIT', 0, size)
if #ids == 0 then return {} end
if #ids < size and tonumber(redis.call('ZSCORE', due, ids[1])) > now - maxWait then return {} end
local leased = {}
for _, id in ipairs(ids) do
  leased[#leased + 1] = now + lease
  leased[#leased + 1] = id
end
redis.call('ZADD', due, 'XX', unpack(leased))
return redis.call('HMGET', outbox, unpack(ids))`;

const deliveredScript = `
local outbox, due, campaign = unpack(KEYS)
redis.call('ZREM', due, unpack(ARGV))
local left = redis.call('HDEL', outbox, unpack(ARGV))
if left > 0 then redis.call('HINCRBY', campaign, 'saved', left) end`;

const putBackScript = `
local outbox, due = unpack(KEYS)
for i = 2, #ARGV, 2 do
  if redis.call('HEXISTS', outbox, ARGV[i]) == 1 then
    redis.call('HSET', outbox, ARGV[i], ARGV[i + 1])
    redis.call('ZADD', due, 'XX', ARGV[1], ARGV[i])
  end
end`;

const giveUpScript = `
local outbox, due, campaign, failed = unpack(KEYS)
redis.call('ZREM', due, ARGV[1])
if redis.call('HDEL', outbox, ARGV[1]) == 0 then return end
redis.call('HINCRBY', campaign, 'unsaved', 1)
redis.call('HSET', failed, ARGV[1], ARGV[2])`;

export function makeOutbox(redis: Redis, keys: LedgerKeys): Outbox {
  const take = defineScript(redis, 'takeWriteBacks', takeScript);
  const delivered = defineScript(redis, 'deliveredWriteBacks', deliveredScript);
  const putBack = defineScript(redis, 'putBackWriteBacks', putBackScript);
  const giveUp = defineScript(redis, 'giveUpWriteBack', giveUpScript);
  const both = [keys.outbox, keys.outboxDue];

  return {
    async take({ size, maxWaitMs, leaseMs, now }) {
      const entries = (await take(both, [now, size, maxWaitMs, leaseMs])) as (string | null)[];
      return entries.flatMap((entry) => (entry === null ? [] : [JSON.parse(entry) as WriteBack]));
    },
    async delivered(entries) {
      const campaigns = new Set(entries.map((entry) => entry.campaign));
      const idsOf = (campaign: string) =>
        entries.filter((entry) => entry.campaign === campaign).map((entry) => entry.id);
      await Promise.all(
        [...campaigns].map((campaign) => delivered([...both, keys.campaign(campaign)], idsOf(campaign))),
      );
    },
    async putBack(entries, due) {
      await putBack(both, [due, ...entries.flatMap((entry) => [entry.id, JSON.stringify(entry)])]);
    },
    async giveUp(entry, failure, now) {
      const record: FailedWriteBack = { writeBack: entry, failure, at: now };
      await giveUp(
        [...both, keys.campaign(entry.campaign), keys.failed(entry.campaign, failure.code)],
        [entry.id, JSON.stringify(record)],
      );
    },
    async depth() {
      const [waiting, oldest] = await Promise.all([
        redis.zcard(keys.outboxDue),
        redis.zrange(keys.outboxDue, 0, '0', 'WITHSCORES'),
      ]);
      return { waiting, oldestDue: oldest[1] === undefined ? undefined : Number(oldest[1]) };
    },
  };
}

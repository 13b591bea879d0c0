/**
 * Receipts of bulk acts. What is done counts in the very scripts that do it, see the failure index;
 * what is left out is counted anew by whoever takes the act up again.
 */

import type { BulkAct, LeftOut, Receipt, ReceiptStatus } from '../../domain/failures/bulk-action.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface Receipts {
  /** Makes one that waits. `total`: how many failures are meant. */
  open(act: BulkAct, total: number): Promise<void>;
  find(id: string): Promise<Receipt | undefined>;
  /** Newest first. */
  list(limit: number): Promise<Receipt[]>;
  /** Ids of those that wait or run. */
  unended(): Promise<string[]>;
  /** Starts it, or starts it again: nothing is left out yet. Undefined where nothing is to be done. */
  begin(id: string): Promise<BulkAct | undefined>;
  isRunning(id: string): Promise<boolean>;
  /** What it has left out so far, all in all, and those that came to it; the first 1,000 are kept. */
  leave(id: string, leftOut: Receipt['leftOut'], added: readonly LeftOut[]): Promise<void>;
  /** The first 1,000 that it left out. */
  leftOutOf(id: string): Promise<LeftOut[]>;
  /** It goes no further; one that has ended stays as it is. */
  cancel(id: string, now: number): Promise<void>;
  end(id: string, now: number): Promise<void>;
}

const KEPT_MS = 90 * 86_400_000;
const MOST_LEFT_OUT = 1000;

const beginScript = `
local receipt, leftOut = unpack(KEYS)
local status = redis.call('HGET', receipt, 'status')
if status ~= 'waiting' and status ~= 'running' then return false end
redis.call('HSET', receipt, 'status', 'running', 'leftOut', '{}')
redis.call('DEL', leftOut)
return redis.call('HGET', receipt, 'act')`;

const endScript = `
local receipt, open = unpack(KEYS)
local id, to, now = unpack(ARGV)
redis.call('SREM', open, id)
local status = redis.call('HGET', receipt, 'status')
if status == 'running' or (status == 'waiting' and to == 'cancelled') then
  redis.call('HSET', receipt, 'status', to, 'endedAt', now)
end`;

export function makeReceipts(redis: RedisConnection, keys: LedgerKeys): Receipts {
  const begin = defineScript(redis, 'beginReceipt', beginScript);
  const end = defineScript(redis, 'endReceipt', endScript);

  const find = async (id: string) => readReceipt(await redis.hgetall(keys.receipt(id)));
  const endAs = async (id: string, status: ReceiptStatus, now: number) => {
    await end([keys.receipt(id), keys.openReceipts], [id, status, now]);
  };

  return {
    find,
    async open(act, total) {
      const { id, at } = act;
      await redis
        .multi()
        .hset(keys.receipt(id), {
          act: JSON.stringify(act),
          status: 'waiting',
          total,
          done: 0,
          leftOut: '{}',
        })
        .pexpire(keys.receipt(id), KEPT_MS)
        .zremrangebyscore(keys.receipts, '-inf', at - KEPT_MS)
        .zadd(keys.receipts, at, id)
        .sadd(keys.openReceipts, id)
        .exec();
    },
    async list(limit) {
      const ids = await redis.zrevrange(keys.receipts, 0, limit - 1);
      return (await Promise.all(ids.map(find))).filter((receipt) => receipt !== undefined);
    },
    unended: () => redis.smembers(keys.openReceipts),
    async begin(id) {
      const act = await begin([keys.receipt(id), keys.leftOut(id)], []);
      return typeof act === 'string' ? (JSON.parse(act) as BulkAct) : undefined;
    },
    isRunning: async (id) => (await redis.hget(keys.receipt(id), 'status')) === 'running',
    async leave(id, leftOut, added) {
      const key = keys.leftOut(id);
      const writing = redis.multi().hset(keys.receipt(id), 'leftOut', JSON.stringify(leftOut));
      if (added.length > 0) {
        writing
          .rpush(key, ...added.map((one) => JSON.stringify(one)))
          .ltrim(key, 0, MOST_LEFT_OUT - 1)
          .pexpire(key, KEPT_MS);
      }
      await writing.exec();
    },
    async leftOutOf(id) {
      const found = await redis.lrange(keys.leftOut(id), 0, -1);
      return found.map((one) => JSON.parse(one) as LeftOut);
    },
    cancel: (id, now) => endAs(id, 'cancelled', now),
    end: (id, now) => endAs(id, 'ended', now),
  };
}

function readReceipt(fields: Record<string, string>): Receipt | undefined {
  const { act, status, total, done, leftOut, endedAt } = fields;
  if (act === undefined) return undefined;
  return {
    ...(JSON.parse(act) as BulkAct),
    status: status as ReceiptStatus,
    total: Number(total),
    done: Number(done),
    leftOut: JSON.parse(leftOut ?? '{}') as Receipt['leftOut'],
    ...(endedAt !== undefined && { endedAt: Number(endedAt) }),
  };
}

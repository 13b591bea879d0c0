/**
 * Receipts of bulk acts. What is done counts in the very scripts that do it, see the failure index;
 * what is left out is counted anew by whoever takes the act up again.
 */

import type {
  BulkActionOrder,
  LeftOut,
  BulkAction,
  BulkActionStatus,
} from '../../domain/failures/bulk-action.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface BulkActions {
  /** Makes one that waits. `total`: how many failures are meant. */
  open(act: BulkActionOrder, total: number): Promise<void>;
  find(id: string): Promise<BulkAction | undefined>;
  /** Newest first. */
  list(limit: number): Promise<BulkAction[]>;
  /** Ids of those that wait or run. */
  unended(): Promise<string[]>;
  /** Starts it, or starts it again: nothing is left out yet. Undefined where nothing is to be done. */
  begin(id: string): Promise<BulkActionOrder | undefined>;
  isRunning(id: string): Promise<boolean>;
  /** What it has left out so far, all in all, and those that came to it; the first 1,000 are kept. */
  leave(id: string, leftOut: BulkAction['leftOut'], added: readonly LeftOut[]): Promise<void>;
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

export function makeBulkActions(redis: RedisConnection, keys: LedgerKeys): BulkActions {
  const begin = defineScript(redis, 'beginReceipt', beginScript);
  const end = defineScript(redis, 'endReceipt', endScript);

  const find = async (id: string) => readBulkAction(await redis.hgetall(keys.bulkAction(id)));
  const endAs = async (id: string, status: BulkActionStatus, now: number) => {
    await end([keys.bulkAction(id), keys.openBulkActions], [id, status, now]);
  };

  return {
    find,
    async open(act, total) {
      const { id, at } = act;
      await redis
        .multi()
        .hset(keys.bulkAction(id), {
          act: JSON.stringify(act),
          status: 'waiting',
          total,
          done: 0,
          leftOut: '{}',
        })
        .pexpire(keys.bulkAction(id), KEPT_MS)
        .zremrangebyscore(keys.bulkActions, '-inf', at - KEPT_MS)
        .zadd(keys.bulkActions, at, id)
        .sadd(keys.openBulkActions, id)
        .exec();
    },
    async list(limit) {
      const ids = await redis.zrevrange(keys.bulkActions, 0, limit - 1);
      return (await Promise.all(ids.map(find))).filter((bulkAction) => bulkAction !== undefined);
    },
    unended: () => redis.smembers(keys.openBulkActions),
    async begin(id) {
      const act = await begin([keys.bulkAction(id), keys.leftOut(id)], []);
      return typeof act === 'string' ? (JSON.parse(act) as BulkActionOrder) : undefined;
    },
    isRunning: async (id) => (await redis.hget(keys.bulkAction(id), 'status')) === 'running',
    async leave(id, leftOut, added) {
      const key = keys.leftOut(id);
      const writing = redis.multi().hset(keys.bulkAction(id), 'leftOut', JSON.stringify(leftOut));
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

function readBulkAction(fields: Record<string, string>): BulkAction | undefined {
  const { act, status, total, done, leftOut, endedAt } = fields;
  if (act === undefined) return undefined;
  return {
    ...(JSON.parse(act) as BulkActionOrder),
    status: status as BulkActionStatus,
    total: Number(total),
    done: Number(done),
    leftOut: JSON.parse(leftOut ?? '{}') as BulkAction['leftOut'],
    ...(endedAt !== undefined && { endedAt: Number(endedAt) }),
  };
}

/**
 * Codes that are given to one card each: pools by name, filled from files. A code is added once
 * however often its file is read, and drawn once; a job keeps what it drew, however often it is tried.
 */

import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface VoucherCounts {
  left: number;
  drawn: number;
}

export interface Vouchers {
  /** Adds codes behind those there are; returns how many were new. A few thousand at once at most. */
  add(pool: string, codes: readonly string[]): Promise<number>;
  /** The job's code: the one that it drew before, or the next. Undefined where none is left. */
  draw(pool: string, job: string): Promise<string | undefined>;
  counts(pool: string): Promise<VoucherCounts>;
}

const addScript = `
local left, all = unpack(KEYS)
local added = 0
for _, code in ipairs(ARGV) do
  if redis.call('SADD', all, code) == 1 then
    redis.call('RPUSH', left, code)
    added = added + 1
  end
end
return added`;

const drawScript = `
local left, drawn = unpack(KEYS)
local held = redis.call('HGET', drawn, ARGV[1])
if held then return held end
local code = redis.call('LPOP', left)
if code then redis.call('HSET', drawn, ARGV[1], code) end
return code`;

export function makeVouchers(redis: RedisConnection, keys: LedgerKeys): Vouchers {
  const add = defineScript(redis, 'addVouchers', addScript);
  const draw = defineScript(redis, 'drawVoucher', drawScript);
  return {
    async add(pool, codes) {
      if (codes.length === 0) return 0;
      return (await add([keys.vouchersLeft(pool), keys.vouchersSeen(pool)], [...codes])) as number;
    },
    async draw(pool, job) {
      const code = await draw([keys.vouchersLeft(pool), keys.vouchersDrawn(pool)], [job]);
      return (code as string | null) ?? undefined;
    },
    async counts(pool) {
      const [left, drawn] = await Promise.all([
        redis.llen(keys.vouchersLeft(pool)),
        redis.hlen(keys.vouchersDrawn(pool)),
      ]);
      return { left, drawn };
    },
  };
}

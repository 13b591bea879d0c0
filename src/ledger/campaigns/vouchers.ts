/**
 * Pools of voucher codes, filled from files; each code goes to one card. A code is added once even if its
 * file is read again, and a job that is retried keeps the code it drew.
 */

import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface VoucherCounts {
  left: number;
  drawn: number;
}

export interface Vouchers {
  /** Appends codes, at most a few thousand a call; returns the number of new ones. */
  add(pool: string, codes: readonly string[]): Promise<number>;
  /** Returns the code the job drew earlier, or the next one. Undefined if the pool is empty. */
  draw(pool: string, job: string): Promise<string | undefined>;
  counts(pool: string): Promise<VoucherCounts>;
}

const addScript = `
local left, seen = unpack(KEYS)
local added = 0
for _, code in ipairs(ARGV) do
  if redis.call('SADD', seen, code) == 1 then
    redis.call('RPUSH', left, code)
    added = added + 1
  end
end
return added`;

const drawScript = `
local left, drawn = unpack(KEYS)
local job = ARGV[1]
local earlier = redis.call('HGET', drawn, job)
if earlier then return earlier end
local code = redis.call('LPOP', left)
if code then redis.call('HSET', drawn, job, code) end
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

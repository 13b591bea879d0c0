/** Work that only one process does at a time. Whoever dies with it is followed by the next when the lease runs out. */

import { randomUUID } from 'node:crypto';
import { defineScript, type RedisConnection } from '../kit/redis/redis.ts';
import type { LedgerKeys } from './keys.ts';

export interface Leases {
  /** Takes the lease for so long, or prolongs it; false where somebody else has it. */
  hold(name: string, ms: number): Promise<boolean>;
  /** Gives it back; nothing where somebody else has it. */
  letGo(name: string): Promise<void>;
}

const holdScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const letGoScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/** All leases that are held by it have one holder: this process. */
export function makeLeases(redis: RedisConnection, keys: LedgerKeys): Leases {
  const hold = defineScript(redis, 'holdLease', holdScript);
  const letGo = defineScript(redis, 'letGoOfLease', letGoScript);
  const me = randomUUID();
  return {
    hold: async (name, ms) => (await hold([keys.lease(name)], [me, ms])) === 1,
    async letGo(name) {
      await letGo([keys.lease(name)], [me]);
    },
  };
}

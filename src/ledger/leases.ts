/** Leases: elect one process for a task. If the holder dies, the lease expires and another process takes over. */

import { randomUUID } from 'node:crypto';
import type { Leader } from '../kit/periodic.ts';
import { defineScript, type RedisConnection } from '../kit/redis/redis.ts';
import type { LedgerKeys } from './keys.ts';

export interface Leases {
  /** Takes or renews a lease for `ms`; false while another process holds it. */
  acquire(name: string, ms: number): Promise<boolean>;
  /** Ends a lease of this process; does nothing if another process holds it. */
  release(name: string): Promise<void>;
  /** Returns a leader election for {@link import('../kit/periodic.ts').startPeriodic}; `ms` must exceed its interval. */
  leader(name: string, ms: number): Leader;
}

const acquireScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/** Makes leases with one holder id, so one instance stands for one process. */
export function makeLeases(redis: RedisConnection, keys: LedgerKeys): Leases {
  const acquireLease = defineScript(redis, 'acquireLease', acquireScript);
  const releaseLease = defineScript(redis, 'releaseLease', releaseScript);
  const holder = randomUUID();

  const acquire = async (name: string, ms: number) =>
    (await acquireLease([keys.lease(name)], [holder, ms])) === 1;
  const release = async (name: string) => void (await releaseLease([keys.lease(name)], [holder]));

  return {
    acquire,
    release,
    leader: (name, ms) => ({ acquire: () => acquire(name, ms), release: () => release(name) }),
  };
}

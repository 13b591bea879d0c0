/** Version of the stored data, which a release must check before it reads any other key. */

import { defineScript, type RedisConnection } from '../kit/redis/redis.ts';
import { masterNodes } from '../kit/redis/servers.ts';
import type { LedgerKeys } from './keys.ts';

/** To be incremented whenever the name or format of a stored key changes, queued jobs included. */
export const DATA_VERSION = 4;

/** Version 1 stored no version. At least one of these keys exists if a process of that version ever ran. */
const unversionedKeys = ['campaigns', 'campaigns:serials', 'audit', 'outbox', 'forgotten', 'pass:meta'];

/** Stored while data is being deleted: after a crash the rest must not be taken for current data. */
const WIPING = '0';

/** Atomic, so that two processes may start at once. KEYS: data-version, unversioned keys. ARGV: current version. */
const checkScript = `
local version = redis.call('GET', KEYS[1])
if version then return version end
for i = 2, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then return '1' end
end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]`;

export interface DataVersion {
  /** Returns the version of the data under the prefix; marks an empty store with the current version. */
  check(): Promise<number>;
  /** Deletes all keys under the prefix, in bounded steps, then marks the store with the current version. */
  wipe(): Promise<void>;
}

export function makeDataVersion(redis: RedisConnection, keys: LedgerKeys, prefix: string): DataVersion {
  const check = defineScript(redis, 'checkDataVersion', checkScript);
  return {
    async check() {
      const probes = unversionedKeys.map((name) => `${prefix}:${name}`);
      return Number(await check([keys.dataVersion, ...probes], [DATA_VERSION]));
    },
    async wipe() {
      await redis.set(keys.dataVersion, WIPING);
      // Without its marks the wiped store would look like one that lost its data.
      await deleteKeys(redis, prefix, [keys.dataVersion, keys.storeMarks]);
      await redis.set(keys.dataVersion, DATA_VERSION);
    },
  };
}

/** Deletes the keys of the ledger and of the queues under a prefix, about 1,000 at a time, except for `kept`. */
export async function deleteKeys(
  redis: RedisConnection,
  prefix: string,
  kept: readonly string[] = [],
): Promise<void> {
  const match = `${prefix.replaceAll(/[*?[\]\\]/g, '\\$&')}:*`;
  for (const server of masterNodes(redis)) {
    for await (const found of server.scanStream({ match, count: 1000 })) {
      const names = (found as string[]).filter((name) => !kept.includes(name));
      if (names.length > 0) await server.unlink(names);
    }
  }
}

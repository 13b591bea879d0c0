/** Sources of programs as they were when campaigns started, so a campaign keeps its version if the file changes. */

import type { Json, Program } from '../../domain/jobs/program.ts';
import type { Clock } from '../../kit/clock.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface ProgramVersions {
  /** Must be called before a campaign refers to the version. */
  save(program: Pick<Program, 'version' | 'source'>): Promise<void>;
  /** Returns the source of a version. */
  find(version: string): Promise<Json | undefined>;
  /** Versions that were last saved before `before` (ms). */
  savedBefore(before: number): Promise<string[]>;
  /** Removes a version unless it was saved again at `before` (ms) or later. */
  remove(version: string, before: number): Promise<void>;
}

/** KEYS: version, versions. ARGV: version, before. */
const removeScript = `
local savedAt = redis.call('ZSCORE', KEYS[2], ARGV[1])
if savedAt and tonumber(savedAt) >= tonumber(ARGV[2]) then return end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[1])`;

export function makeProgramVersions(redis: RedisConnection, keys: LedgerKeys, clock: Clock): ProgramVersions {
  const remove = defineScript(redis, 'removeProgramVersion', removeScript);
  return {
    async save({ version, source }) {
      await redis
        .multi()
        .set(keys.program(version), JSON.stringify(source))
        .zadd(keys.programVersions, clock(), version)
        .exec();
    },
    async find(version) {
      const source = await redis.get(keys.program(version));
      return source === null ? undefined : (JSON.parse(source) as Json);
    },
    savedBefore: (before) => redis.zrangebyscore(keys.programVersions, '-inf', `(${before}`),
    async remove(version, before) {
      await remove([keys.program(version), keys.programVersions], [version, before]);
    },
  };
}

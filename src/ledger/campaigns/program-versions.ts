/** Sources of programs as they were when campaigns started, so a campaign keeps its version if the file changes. */

import type { Json, Program } from '../../domain/jobs/program.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface ProgramVersions {
  /** Must be called before a campaign refers to the version. */
  save(program: Pick<Program, 'version' | 'source'>): Promise<void>;
  /** Returns the source of a version. */
  find(version: string): Promise<Json | undefined>;
}

export function makeProgramVersions(redis: RedisConnection, keys: LedgerKeys): ProgramVersions {
  return {
    async save({ version, source }) {
      await redis.set(keys.program(version), JSON.stringify(source));
    },
    async find(version) {
      const source = await redis.get(keys.program(version));
      return source === null ? undefined : (JSON.parse(source) as Json);
    },
  };
}

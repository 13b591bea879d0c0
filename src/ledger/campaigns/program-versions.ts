/** What the programs file said of programs when campaigns started with them, for those who work on these campaigns. */

import type { Json, Program } from '../../domain/jobs/program.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface ProgramVersions {
  /** From now on a campaign may name it by its version. */
  keep(program: Pick<Program, 'version' | 'source'>): Promise<void>;
  /** Its source. */
  find(version: string): Promise<Json | undefined>;
}

export function makeProgramVersions(redis: RedisConnection, keys: LedgerKeys): ProgramVersions {
  return {
    async keep({ version, source }) {
      await redis.set(keys.program(version), JSON.stringify(source));
    },
    async find(version) {
      const source = await redis.get(keys.program(version));
      return source === null ? undefined : (JSON.parse(source) as Json);
    },
  };
}

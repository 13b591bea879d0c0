/** A campaign's failures in short: how many of each code, with a few of the rows. */

import { type FailedRecord, rowOf } from '../../domain/failures/failed.ts';
import type { FailureCode, FailureCount } from '../../domain/failures/failure.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import { makeCauses } from './causes.ts';
import type { LedgerKeys } from '../keys.ts';

/** Rows that are named for each code. */
const EXAMPLES = 3;

/** Makes the function that counts a campaign's failures by code, most frequent first. */
export function makeFailureCounts(redis: RedisConnection, keys: LedgerKeys) {
  const causes = makeCauses(redis, keys);

  const examples = async (id: string, cause: string): Promise<FailureCount['examples']> => {
    const reply = await redis.hrandfield(keys.failed(id, cause), EXAMPLES, 'WITHVALUES');
    // Field, value, field, value, …
    const values = ((reply ?? []) as string[]).filter((_, index) => index % 2 === 1);
    return values
      .map((value) => JSON.parse(value) as FailedRecord)
      .map((record) => ({ row: rowOf(record), detail: record.failure.detail }));
  };

  return async (id: string): Promise<FailureCount[]> => {
    const byCode = new Map<FailureCode, FailureCount>();
    for (const { cause, count } of await causes.of(id)) {
      const known = byCode.get(cause.code) ?? { code: cause.code, count: 0, examples: [] };
      const found = [...known.examples, ...(await examples(id, cause.id))];
      byCode.set(cause.code, {
        code: cause.code,
        count: known.count + count,
        examples: found.slice(0, EXAMPLES).toSorted((a, b) => a.row - b.row),
      });
    }
    // Of equal ones the order would be that in which they happened to end: another at each run.
    return [...byCode.values()].toSorted((a, b) => b.count - a.count || a.code.localeCompare(b.code));
  };
}

/** Counts rows of a source, and settles those that the row filter rejected or skipped, in one idempotent script. */

import type { FailedRow } from '../../domain/failures/failed.ts';
import type { Failure } from '../../domain/failures/failure.ts';
import type { SkipReason } from '../../domain/jobs/outcome.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { fileFailureLua, filingOf } from '../failures/causes.ts';
import { failureGuardLua } from '../jobs/failure-guard.ts';
import type { LedgerKeys } from '../keys.ts';

/** A row that ends where it is read, without a call. */
export interface FilteredRow {
  row: number;
  end: { state: 'skipped'; reason: SkipReason } | { state: 'rejected'; failure: Failure };
}

/**
 * Layout of the arguments: `upTo`, `now` and the number of filings; then each filing: the indexes of its two keys
 * (`failed`, `overflow`) and the three arguments of `fileFailure`; then four arguments for each row: its number,
 * its state, the skip reason or the failed record, and the index of the skipped bitmap's key or of the filing.
 */
const FIRST_FILING = 4;
const FILING_ARGS = 5;

const acceptScript = `${failureGuardLua}${fileFailureLua}
local campaign, settled, causes = unpack(KEYS)
local upTo, now, filings = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local failures = 0
if upTo > tonumber(redis.call('HGET', campaign, 'rows')) then redis.call('HSET', campaign, 'rows', upTo) end
for i = ${FIRST_FILING} + filings * ${FILING_ARGS}, #ARGV, 4 do
  local row, state, value, index = unpack(ARGV, i, i + 3)
  if redis.call('SETBIT', settled, row, 1) == 0 then
    redis.call('HINCRBY', campaign, state, 1)
    if state == 'skipped' then
      redis.call('SETBIT', KEYS[tonumber(index)], row, 1)
      redis.call('HINCRBY', campaign, 'skipped:' .. value, 1)
    else
      local failed, overflow, cause, overflowId, pattern = unpack(ARGV, index, index + ${FILING_ARGS - 1})
      fileFailure(causes, KEYS[tonumber(failed)], KEYS[tonumber(overflow)], cause, overflowId, pattern, now, row, value)
      failures = failures + 1
    end
  end
end
if failures > 0 then
  redis.call('HINCRBY', campaign, 'rejectedOnRead', failures)
  guardFailures(campaign, now)
end`;

/** Makes `accept` of the campaign ledger. */
export function makeAcceptRows(redis: RedisConnection, keys: LedgerKeys) {
  const accept = defineScript(redis, 'acceptRows', acceptScript);

  return async (id: string, upTo: number, filtered: readonly FilteredRow[], now: number): Promise<void> => {
    const scriptKeys = [keys.campaign(id), keys.settled(id), keys.causes(id)];
    const keyIndex = (key: string) => {
      const known = scriptKeys.indexOf(key);
      return known === -1 ? scriptKeys.push(key) : known + 1;
    };
    const filings: (string | number)[] = [];
    const filingIndexes = new Map<string, number>();
    const filingIndex = (failure: Failure): number => {
      const filing = filingOf(keys, id, failure);
      const [, failed, overflow] = filing.keys;
      const known = filingIndexes.get(failed);
      if (known !== undefined) return known;
      const index = FIRST_FILING + filings.length;
      filings.push(keyIndex(failed), keyIndex(overflow), ...filing.args);
      filingIndexes.set(failed, index);
      return index;
    };
    const rows = filtered.flatMap(({ row, end }): (string | number)[] => {
      if (end.state === 'skipped') {
        return [row, end.state, end.reason, keyIndex(keys.skipped(id, end.reason))];
      }
      const record: FailedRow = { row, failure: end.failure, at: now };
      return [row, end.state, JSON.stringify(record), filingIndex(end.failure)];
    });
    await accept(scriptKeys, [upTo, now, filingIndexes.size, ...filings, ...rows]);
  };
}

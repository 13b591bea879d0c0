/** Counts rows of a source in, and ends those among them for whom nobody is called: one step, repeatable. */

import type { FailedRow } from '../../domain/failures/failed.ts';
import type { Failure } from '../../domain/failures/failure.ts';
import type { SkipReason } from '../../domain/jobs/outcome.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { fileFailureLua, filingOf } from '../failures/causes.ts';
import { failureGuardLua } from './failure-guard.ts';
import type { LedgerKeys } from '../keys.ts';

/** A row that ends where it is read: nobody is called for it. */
export interface FilteredRow {
  row: number;
  end: { state: 'skipped'; reason: SkipReason } | { state: 'rejected'; failure: Failure };
}

/** Arguments before the filings, and of each: the numbers of its two keys, then those of `fileFailure`. */
const FIRST_FILING = 4;
const FILING = 5;

/** The filings of all causes among the rows come first, then four arguments a row. */
const acceptScript = `${failureGuardLua}${fileFailureLua}
local campaign, settled, causes = unpack(KEYS)
local upTo, now, filings = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local failures = 0
if upTo > tonumber(redis.call('HGET', campaign, 'rows')) then redis.call('HSET', campaign, 'rows', upTo) end
for i = ${FIRST_FILING} + filings * ${FILING}, #ARGV, 4 do
  local row, state, what, place = unpack(ARGV, i, i + 3)
  if redis.call('SETBIT', settled, row, 1) == 0 then
    redis.call('HINCRBY', campaign, state, 1)
    if state == 'skipped' then
      redis.call('SETBIT', KEYS[tonumber(place)], row, 1)
      redis.call('HINCRBY', campaign, 'skipped:' .. what, 1)
    else
      local failed, others, cause, othersId, pattern = unpack(ARGV, place, place + ${FILING - 1})
      fileFailure(causes, KEYS[tonumber(failed)], KEYS[tonumber(others)], cause, othersId, pattern, now, row, what)
      failures = failures + 1
    end
  end
end
if failures > 0 then guardFailures(campaign, now) end`;

/** Makes `accept` of the campaign ledger. */
export function makeAcceptRows(redis: RedisConnection, keys: LedgerKeys) {
  const accept = defineScript(redis, 'acceptRows', acceptScript);

  return async (id: string, upTo: number, atDoor: readonly FilteredRow[], now: number): Promise<void> => {
    const scriptKeys = [keys.campaign(id), keys.settled(id), keys.causes(id)];
    const numberOf = (key: string) => {
      const known = scriptKeys.indexOf(key);
      return known === -1 ? scriptKeys.push(key) : known + 1;
    };
    const filings: (string | number)[] = [];
    const places = new Map<string, number>();
    /** Where the filing of a failure begins among the arguments. */
    const filed = (failure: Failure): number => {
      const filing = filingOf(keys, id, failure);
      const [, failed, others] = filing.keys;
      const known = places.get(failed);
      if (known !== undefined) return known;
      const place = FIRST_FILING + filings.length;
      filings.push(numberOf(failed), numberOf(others), ...filing.args);
      places.set(failed, place);
      return place;
    };
    const rows = atDoor.flatMap(({ row, end }): (string | number)[] => {
      if (end.state === 'skipped') {
        return [row, end.state, end.reason, numberOf(keys.skipped(id, end.reason))];
      }
      const record: FailedRow = { row, failure: end.failure, at: now };
      return [row, end.state, JSON.stringify(record), filed(end.failure)];
    });
    await accept(scriptKeys, [upTo, now, places.size, ...filings, ...rows]);
  };
}

/**
 * Index of failed and discarded records by campaign and cause. A record holds everything needed to judge the
 * failure and to retry it.
 */

import { type DiscardedRecord, type FailedRecord, jobIdOf, rowOf } from '../../domain/failures/failed.ts';
import type { FailureCode, FailureCount } from '../../domain/failures/failure.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { hashPages, sampleHash, scanHash } from '../hash-values.ts';
import type { LedgerKeys } from '../keys.ts';
import { type CauseCount, makeCauses, type SecondCards } from './causes.ts';

export interface FailurePage {
  /** In no order. */
  records: FailedRecord[];
  /** Cursor of the next page; undefined after the last. */
  next: string | undefined;
}

export interface FailureIndex {
  /** The causes of a campaign that have records. */
  causes(campaign: string): Promise<CauseCount[]>;
  /** The second cards that operators have not dealt with, by campaign. */
  secondCards(): Promise<SecondCards[]>;
  /** Ids of all causes of a campaign, also of those without records. */
  causeIds(campaign: string): Promise<string[]>;
  /** All records of a cause, in pages and in no order. Some may come twice; one removed meanwhile may be missing. */
  pages(campaign: string, cause: string): AsyncIterable<FailedRecord[]>;
  /** Up to `size` records from `cursor`, which is the `next` of the previous page. The cost does not grow with the offset. */
  page(
    campaign: string,
    cause: string,
    options: { size: number; cursor?: string | undefined },
  ): Promise<FailurePage>;
  /** Those of the given failures that are filed under the cause; `ids`: job ids, or row numbers. */
  find(campaign: string, cause: string, ids: readonly string[]): Promise<FailedRecord[]>;
  count(campaign: string, cause: string): Promise<number>;
  /** Any record of the cause. */
  example(campaign: string, cause: string): Promise<FailedRecord | undefined>;
  /** All discarded records of a campaign, in pages and in no order; some may come twice. */
  discardedPages(campaign: string): AsyncIterable<DiscardedRecord[]>;
  /**
   * Erases records for good and returns how many were there; their rows stay counted as they are. Skips a
   * record with a different time: it is a later failure of the same job.
   */
  erase(campaign: string, cause: string, records: readonly FailedRecord[]): Promise<number>;
  /** The same for discarded records. */
  eraseDiscarded(campaign: string, records: readonly FailedRecord[]): Promise<number>;
}

/** Records read at once. */
const PAGE = 200;

/** Erases the cause with its last record: its pattern may quote a customer. ARGV: cause, then field and time of each record. */
const eraseScript = `
local records, causes = unpack(KEYS)
local erased = 0
for i = 2, #ARGV, 2 do
  local stored = redis.call('HGET', records, ARGV[i])
  if stored and cjson.decode(stored).at == tonumber(ARGV[i + 1]) then
    erased = erased + redis.call('HDEL', records, ARGV[i])
  end
end
if erased > 0 and redis.call('EXISTS', records) == 0 then redis.call('HDEL', causes, ARGV[1]) end
return erased`;

export function makeFailureIndex(redis: RedisConnection, keys: LedgerKeys): FailureIndex {
  const eraseRecords = defineScript(redis, 'eraseFailures', eraseScript);

  const erase = async (campaign: string, key: string, cause: string, records: readonly FailedRecord[]) => {
    if (records.length === 0) return 0;
    const fields = records.flatMap((record) => [jobIdOf(record) ?? rowOf(record), record.at]);
    return Number(await eraseRecords([key, keys.causes(campaign)], [cause, ...fields]));
  };

  const causes = makeCauses(redis, keys);

  return {
    causes: causes.of,
    secondCards: causes.secondCards,
    causeIds: (campaign) => redis.hkeys(keys.causes(campaign)),
    pages: (campaign, cause) => hashPages(redis, keys.failed(campaign, cause), PAGE),
    async page(campaign, cause, { size, cursor = '0.0' }) {
      // HSCAN may return more than `size`, and all of a small hash: the cursor adds an offset within that reply.
      const [from = '0', skip = '0'] = cursor.split('.');
      const { next, values } = await scanHash(redis, keys.failed(campaign, cause), from, size);
      const end = Number(skip) + size;
      const nextScan = next === '0' ? undefined : `${next}.0`;
      return {
        records: values.slice(Number(skip), end).map(readRecord),
        next: values.length > end ? `${from}.${end}` : nextScan,
      };
    },
    async find(campaign, cause, ids) {
      if (ids.length === 0) return [];
      const found = await redis.hmget(keys.failed(campaign, cause), ...ids);
      return found.filter((text) => text !== null).map(readRecord);
    },
    count: (campaign, cause) => redis.hlen(keys.failed(campaign, cause)),
    example: async (campaign, cause) =>
      (await sampleHash<FailedRecord>(redis, keys.failed(campaign, cause), 1))[0],
    discardedPages: (campaign) => hashPages(redis, keys.discarded(campaign), PAGE),
    erase: (campaign, cause, records) => erase(campaign, keys.failed(campaign, cause), cause, records),
    // No cause has an empty id.
    eraseDiscarded: (campaign, records) => erase(campaign, keys.discarded(campaign), '', records),
  };
}

function readRecord(text: string): FailedRecord {
  return JSON.parse(text) as FailedRecord;
}

/** Example rows for each code. */
const EXAMPLES = 3;

/** Makes the function that counts a campaign's failures by code, most frequent first, with example rows. */
export function makeFailureCounts(redis: RedisConnection, keys: LedgerKeys) {
  const causes = makeCauses(redis, keys);

  const examples = async (id: string, cause: string): Promise<FailureCount['examples']> => {
    const records = await sampleHash<FailedRecord>(redis, keys.failed(id, cause), EXAMPLES);
    return records.map((record) => ({ row: rowOf(record), detail: record.failure.detail }));
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
    // Equal counts are sorted by code: their order in Redis differs between runs.
    return [...byCode.values()].toSorted((a, b) => b.count - a.count || a.code.localeCompare(b.code));
  };
}

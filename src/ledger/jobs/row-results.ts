/** Results of single rows, for merging them with the rows of the source. */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import type { DiscardedRecord, FailedRecord } from '../../domain/failures/failed.ts';
import { rowJobId } from '../../domain/jobs/job-id.ts';
import type { SkipReason } from '../../domain/jobs/outcome.ts';
import type { RowResult } from '../../domain/campaigns/source-row.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import { makeCauses } from '../failures/causes.ts';
import type { LedgerKeys } from '../keys.ts';

export interface RowResults {
  /** Returns a function that reads the results of up to a few thousand consecutive rows, by row number. Done rows are left out. */
  open(
    campaign: Pick<Campaign, 'id' | 'status' | 'skippedFor'>,
  ): Promise<(from: number, to: number) => Promise<Map<number, RowResult>>>;
}

export function makeRowResults(redis: RedisConnection, keys: LedgerKeys): RowResults {
  /** Tests a row's bit; reads only the bytes that cover the rows. */
  const bits = async (key: string, from: number, to: number) => {
    const first = Math.floor(from / 8);
    const bytes = await redis.getrangeBuffer(key, first, Math.floor(to / 8));
    return (row: number) => ((bytes[Math.floor(row / 8) - first] ?? 0) & (0x80 >> (row % 8))) !== 0;
  };

  const causes = makeCauses(redis, keys);

  return {
    async open({ id, status, skippedFor }) {
      const reasons = Object.keys(skippedFor) as SkipReason[];
      const failedKeys = (await causes.of(id)).map(({ cause }) => keys.failed(id, cause.id));
      const hasDiscarded = (await redis.hlen(keys.discarded(id))) > 0;
      const recordKeys = hasDiscarded ? [...failedKeys, keys.discarded(id)] : failedKeys;

      const failuresOf = async (rows: readonly number[]): Promise<Map<number, RowResult>> => {
        const rowResults = new Map<number, RowResult>();
        if (rows.length === 0) return rowResults;
        // A record is stored under its job id, or under its row number if the row was rejected when it was read.
        const fields = [...rows.map((row) => rowJobId(id, row)), ...rows.map(String)];
        for (const values of await Promise.all(recordKeys.map((key) => redis.hmget(key, ...fields)))) {
          for (const [index, value] of values.entries()) {
            const row = rows[index % rows.length];
            const result =
              value === null ? undefined : rowResultOf(JSON.parse(value) as FailedRecord | DiscardedRecord);
            if (row !== undefined && result !== undefined) rowResults.set(row, result);
          }
        }
        return rowResults;
      };

      return async (from, to) => {
        const rows = Array.from({ length: to - from + 1 }, (_, index) => from + index);
        const isSettled = await bits(keys.settled(id), from, to);
        const rowResults = await failuresOf(rows.filter(isSettled));
        for (const reason of reasons) {
          const isSkipped = await bits(keys.skipped(id, reason), from, to);
          for (const row of rows) if (isSkipped(row)) rowResults.set(row, { state: 'skipped', reason });
        }
        const open = status === 'stopped' ? 'stopped' : 'pending';
        for (const row of rows) if (!isSettled(row)) rowResults.set(row, { state: open });
        return rowResults;
      };
    },
  };
}

/** Undefined for a done row: its card exists, only the write-back failed. */
function rowResultOf(record: FailedRecord | DiscardedRecord): RowResult | undefined {
  if ('writeBack' in record) return undefined;
  const discarded = 'discard' in record ? { discard: record.discard } : {};
  if ('row' in record) return { state: 'rejected', failure: record.failure, ...discarded };
  const { state, failure, attempts } = record;
  return state === 'rejected' || state === 'failed' || state === 'unknown'
    ? { state, failure, attempts, ...discarded }
    : undefined;
}

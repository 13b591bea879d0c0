/** What became of single rows, for those who read the source beside it. */

import type { Redis } from 'ioredis';
import type { Campaign } from '../job/campaign.ts';
import type { FailedRecord } from '../job/failed.ts';
import { failureKinds, type FailureCode } from '../job/failure.ts';
import { rowJobId } from '../job/job-id.ts';
import type { SkipReason } from '../job/outcome.ts';
import type { RowFate } from '../job/row-fate.ts';
import type { LedgerKeys } from './keys.ts';

export interface RowFates {
  /** Makes the function that tells of up to a few thousand consecutive rows, by number; done ones are left out. */
  open(
    campaign: Pick<Campaign, 'id' | 'status' | 'skippedFor'>,
  ): Promise<(from: number, to: number) => Promise<Map<number, RowFate>>>;
}

const codes = Object.keys(failureKinds) as FailureCode[];

export function makeRowFates(redis: Redis, keys: LedgerKeys): RowFates {
  /** Whether a row's bit is set; reads the bytes around the rows only. */
  const bits = async (key: string, from: number, to: number) => {
    const first = Math.floor(from / 8);
    const bytes = await redis.getrangeBuffer(key, first, Math.floor(to / 8));
    return (row: number) => ((bytes[Math.floor(row / 8) - first] ?? 0) & (0x80 >> (row % 8))) !== 0;
  };

  return {
    async open({ id, status, skippedFor }) {
      const reasons = Object.keys(skippedFor) as SkipReason[];
      const lengths = await Promise.all(codes.map((code) => redis.hlen(keys.failed(id, code))));
      const struck = codes.filter((_, index) => lengths[index] !== 0);

      const failuresOf = async (rows: readonly number[]): Promise<Map<number, RowFate>> => {
        const fates = new Map<number, RowFate>();
        if (rows.length === 0) return fates;
        for (const code of struck) {
          // A job stands under its id, a row that was turned away at the door under its number.
          const fields = [...rows.map((row) => rowJobId(id, row)), ...rows.map(String)];
          const values = await redis.hmget(keys.failed(id, code), ...fields);
          for (const [index, value] of values.entries()) {
            const row = rows[index % rows.length];
            const fate = value === null ? undefined : fateOf(JSON.parse(value) as FailedRecord);
            if (row !== undefined && fate !== undefined) fates.set(row, fate);
          }
        }
        return fates;
      };

      return async (from, to) => {
        const rows = Array.from({ length: to - from + 1 }, (_, index) => from + index);
        const isSettled = await bits(keys.settled(id), from, to);
        const fates = await failuresOf(rows.filter(isSettled));
        for (const reason of reasons) {
          const isSkipped = await bits(keys.skipped(id, reason), from, to);
          for (const row of rows) if (isSkipped(row)) fates.set(row, { state: 'skipped', reason });
        }
        const open = status === 'stopped' ? 'stopped' : 'pending';
        for (const row of rows) if (!isSettled(row)) fates.set(row, { state: open });
        return fates;
      };
    },
  };
}

/** Undefined for a row that is done: its card exists, only saving it failed. */
function fateOf(record: FailedRecord): RowFate | undefined {
  if ('writeBack' in record) return undefined;
  if ('row' in record) return { state: 'rejected', failure: record.failure };
  const { state, failure, attempts } = record;
  return state === 'rejected' || state === 'failed' || state === 'unknown'
    ? { state, failure, attempts }
    : undefined;
}

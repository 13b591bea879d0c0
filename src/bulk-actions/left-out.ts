/** Counts what a bulk act leaves as it is, each failure once, and writes it on the receipt page by page. */

import type { LeftOut, LeftOutReason, BulkAction } from '../domain/failures/bulk-action.ts';
import { type FailedRecord, jobIdOf, rowOf } from '../domain/failures/failed.ts';

export type RecordLeftOut = (leftOut: BulkAction['leftOut'], added: readonly LeftOut[]) => Promise<void>;

/** Why one is left out. */
export type Blocker = Pick<LeftOut, 'reason' | 'detail'>;

/** What is listed one by one; the receipt keeps no more. */
const LISTED = 1000;

export function makeLeftOutTally(leave: RecordLeftOut) {
  const counts: Partial<Record<LeftOutReason, number>> = {};
  let listed = 0;
  let place = '';
  /** Rows of the cause at hand: looking through it may come by one twice. */
  let seen = new Set<number>();
  let added: LeftOut[] = [];

  return {
    counts: counts as Readonly<typeof counts>,
    add(campaign: string, cause: string, record: FailedRecord, { reason, detail }: Blocker): void {
      if (place !== `${campaign} ${cause}`) seen = new Set();
      place = `${campaign} ${cause}`;
      const row = rowOf(record);
      if (seen.has(row)) return;
      seen.add(row);
      counts[reason] = (counts[reason] ?? 0) + 1;
      if (listed >= LISTED) return;
      listed += 1;
      const job = jobIdOf(record);
      added.push({
        campaign,
        row,
        ...(job !== undefined && { job }),
        reason,
        ...(detail !== undefined && { detail }),
      });
    },
    /** Writes what came to it since the last time. */
    async write(): Promise<void> {
      await leave(counts, added);
      added = [];
    },
  };
}

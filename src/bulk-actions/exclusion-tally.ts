/** Counts the failures that a bulk action excludes, each once, and records them page by page. */

import type { BulkAction, ExcludedFailure, ExclusionReason } from '../domain/failures/bulk-action.ts';
import { type FailedRecord, jobIdOf, rowOf } from '../domain/failures/failed.ts';

type RecordExcluded = (counts: BulkAction['excluded'], added: readonly ExcludedFailure[]) => Promise<void>;

/** Why a failure is excluded. */
export type Exclusion = Pick<ExcludedFailure, 'reason' | 'detail'>;

/** Failures listed one by one; the ledger keeps no more. */
const MAX_LISTED = 1000;

export function makeExclusionTally(record: RecordExcluded) {
  const counts: Partial<Record<ExclusionReason, number>> = {};
  let listed = 0;
  let group = '';
  /** Rows of the current campaign and cause: a scan of the index may return a record twice. */
  let seen = new Set<number>();
  let added: ExcludedFailure[] = [];

  return {
    counts: counts as Readonly<typeof counts>,
    add(campaign: string, cause: string, failed: FailedRecord, { reason, detail }: Exclusion): void {
      if (group !== `${campaign} ${cause}`) seen = new Set();
      group = `${campaign} ${cause}`;
      const row = rowOf(failed);
      if (seen.has(row)) return;
      seen.add(row);
      counts[reason] = (counts[reason] ?? 0) + 1;
      if (listed >= MAX_LISTED) return;
      listed += 1;
      const job = jobIdOf(failed);
      added.push({
        campaign,
        row,
        ...(job !== undefined && { job }),
        reason,
        ...(detail !== undefined && { detail }),
      });
    },
    /** Records the counts, and the failures added since the last call. */
    async flush(): Promise<void> {
      await record(counts, added);
      added = [];
    },
  };
}

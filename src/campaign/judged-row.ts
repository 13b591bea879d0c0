/** Rows with what was decided about them at the door. */

import type { Failure } from '../domain/failures/failure.ts';
import type { SkipReason } from '../domain/jobs/outcome.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';
import type { SourceRow } from '../domain/campaigns/source-row.ts';
import type { Decision, Endpoint } from './row-filter.ts';

export interface JudgedRow {
  row: number;
  decision: Decision;
}

/** A row that ends where it is read. */
export interface FilteredRow {
  row: number;
  end: { state: 'skipped'; reason: SkipReason } | { state: 'rejected'; failure: Failure };
}

export function judgeRows(rows: readonly SourceRow[], rowFilter: Endpoint): JudgedRow[] {
  return rows.map((row) => ({ row: row.number, decision: rowFilter.judge(row) }));
}

export function jobsOf(judged: readonly JudgedRow[]): PassJob[] {
  return judged.flatMap(({ decision }) => (decision.kind === 'job' ? [decision.job] : []));
}

export function rejectedByFilter(judged: readonly JudgedRow[]): FilteredRow[] {
  return judged.flatMap(({ row, decision }): FilteredRow[] => {
    switch (decision.kind) {
      case 'job':
        return [];
      case 'skip':
        return [{ row, end: { state: 'skipped', reason: decision.reason } }];
      case 'reject':
        return [{ row, end: { state: 'rejected', failure: decision.failure } }];
    }
  });
}

/** The first rows, up to and with the one that makes the given number of jobs full. */
export function upToJobs(judged: readonly JudgedRow[], jobs: number): JudgedRow[] {
  let found = 0;
  const last = judged.findIndex(({ decision }) => decision.kind === 'job' && (found += 1) >= jobs);
  return last === -1 ? [...judged] : judged.slice(0, last + 1);
}

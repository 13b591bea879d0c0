/** Rows of a source with the row filter's decision, and the check of these rows against the list of forgotten customers. */

import type { SourceRow } from '../domain/campaigns/source-row.ts';
import type { Failure } from '../domain/failures/failure.ts';
import type { SkipReason } from '../domain/jobs/outcome.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';
import { makeBreather } from './breather.ts';
import type { Decision, RowFilter } from './row-filter.ts';

export interface JudgedRow {
  row: number;
  decision: Decision;
}

/** A row that the filter ended: no job was made of it. */
export interface FilteredRow {
  row: number;
  end: { state: 'skipped'; reason: SkipReason } | { state: 'rejected'; failure: Failure };
}

/** Customers forgotten (erased) lately, and the queue: see the ledger. */
export interface ForgottenList {
  /** Returns the jobs whose customers are on the list. */
  among(jobs: readonly PassJob[]): Promise<readonly PassJob[]>;
  /** Ends a queued job and removes it from the queue, unless it is being sent. */
  remove(job: PassJob): Promise<void>;
}

/** Judges the rows in order. Lets other work run in between: a condition may take milliseconds for each row. */
export async function judgeRows(rows: readonly SourceRow[], rowFilter: RowFilter): Promise<JudgedRow[]> {
  const breathe = makeBreather();
  const judged: JudgedRow[] = [];
  for (const row of rows) {
    judged.push({ row: row.number, decision: rowFilter.judge(row) });
    const breath = breathe();
    if (breath !== undefined) await breath;
  }
  return judged;
}

export function jobsOf(judged: readonly JudgedRow[]): PassJob[] {
  return judged.flatMap(({ decision }) => (decision.kind === 'job' ? [decision.job] : []));
}

export function filteredRows(judged: readonly JudgedRow[]): FilteredRow[] {
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

/** Returns the leading rows up to and including the one with the given number of jobs; all rows if they have fewer. */
export function firstRowsWith(jobs: number, judged: readonly JudgedRow[]): JudgedRow[] {
  let found = 0;
  const last = judged.findIndex(({ decision }) => decision.kind === 'job' && (found += 1) >= jobs);
  return last === -1 ? [...judged] : judged.slice(0, last + 1);
}

/** Returns the same rows, with those of forgotten customers skipped. */
export async function skipForgotten(
  judged: readonly JudgedRow[],
  { among }: Pick<ForgottenList, 'among'>,
): Promise<JudgedRow[]> {
  const forgotten = new Set((await among(jobsOf(judged))).map(({ row }) => row));
  return judged.map(({ row, decision }) => ({
    row,
    decision: forgotten.has(row) ? { kind: 'skip', reason: 'forgotten' } : decision,
  }));
}

/**
 * Removes jobs whose customers were forgotten just before the jobs were queued. The erasure searches the queue
 * after it has written the list, so whatever the order, one of the two finds the job.
 */
export async function removeForgotten(
  queued: readonly PassJob[],
  { among, remove }: ForgottenList,
): Promise<void> {
  for (const job of await among(queued)) await remove(job);
}

/** Rows of customers who were forgotten while the file that holds them was still to be read. */

import type { PassJob } from '../domain/jobs/pass-job.ts';
import { jobsOf, type JudgedRow } from './judged-row.ts';

/** The list of those who were forgotten lately, and the queue: see the ledger. */
export interface ForgottenList {
  /** Those of the jobs whose customers are on it. */
  among(jobs: readonly PassJob[]): Promise<readonly PassJob[]>;
  /** Ends a job that was queued, unless it is being sent, and takes it out of the queue. */
  restore(job: PassJob): Promise<void>;
}

/** The same rows; those of forgotten customers are skipped. */
export async function leaveOutForgotten(
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
 * Takes jobs back whose customers were put on the list just before they were queued. Whoever puts
 * somebody on it looks through the queue afterwards: one of the two finds the job, however it falls.
 */
export async function restoreForgotten(
  queued: readonly PassJob[],
  { among, restore }: ForgottenList,
): Promise<void> {
  for (const job of await among(queued)) await restore(job);
}

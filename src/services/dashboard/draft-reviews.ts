/**
 * Reviews of drafts: all rows of the file are checked in the background, once for each draft as it is filled in, while its
 * page shows the progress. Kept in the memory of this process; another one checks the rows again.
 */

import type { DraftReview, PreflightReport } from '../../domain/campaigns/draft.ts';
import { startTimeout } from '../../kit/deadline.ts';

/** What a check reports to, and is ended by. */
export interface ReviewRun {
  onProgress: (rows: number) => void;
  /** Aborts if the draft was changed meanwhile. */
  signal: AbortSignal;
}

export interface DraftReviews<Report = PreflightReport> {
  /**
   * Resolves with the review of a draft, or with its progress if it takes longer than a page may wait. `version`
   * identifies everything that the review depends on. Rejects as `check` does.
   */
  of(id: string, version: string, check: (run: ReviewRun) => Promise<Report>): Promise<DraftReview<Report>>;
  /** Returns the finished review of this version, if there is one. */
  finished(id: string, version: string): Report | undefined;
}

interface Check<Report> {
  version: string;
  controller: AbortController;
  rows: number;
  report: Promise<Report>;
  finished?: Report;
}

/** Short files are reviewed without a page of progress. */
const WAIT_MS = 1000;

/** Reviews that are kept; the oldest is dropped. */
const MAX_KEPT = 50;

export function makeDraftReviews<Report>(waitMs = WAIT_MS): DraftReviews<Report> {
  const checks = new Map<string, Check<Report>>();

  const drop = (id: string) => {
    checks.get(id)?.controller.abort();
    checks.delete(id);
  };

  const begin = (id: string, version: string, run: (run: ReviewRun) => Promise<Report>): Check<Report> => {
    drop(id);
    const [oldest] = checks.keys();
    if (checks.size >= MAX_KEPT && oldest !== undefined) drop(oldest);
    const controller = new AbortController();
    const check: Check<Report> = {
      version,
      controller,
      rows: 0,
      report: run({ onProgress: (rows) => (check.rows = rows), signal: controller.signal }),
    };
    checks.set(id, check);
    check.report.then(
      (report) => (check.finished = report),
      // Reported to the next page that asks.
      () => {},
    );
    return check;
  };

  return {
    async of(id, version, run) {
      const found = checks.get(id);
      const check = found?.version === version ? found : begin(id, version, run);
      try {
        const report = await within(waitMs, check.report);
        return report === undefined ? { state: 'counting', rows: check.rows } : { state: 'ready', report };
      } catch (error) {
        // What was wrong may have been put right by the time the page is opened again.
        if (checks.get(id) === check) checks.delete(id);
        throw error;
      }
    },
    finished(id, version) {
      const check = checks.get(id);
      return check?.version === version ? check.finished : undefined;
    },
  };
}

/** Settles as the work does, or resolves with undefined after `ms`. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let clear: (() => void) | undefined;
  const late = new Promise<undefined>((resolve) => {
    clear = startTimeout(ms, () => resolve(undefined));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clear?.();
  }
}

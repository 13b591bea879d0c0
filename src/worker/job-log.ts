/**
 * Logs the runs of jobs: each one at `debug`, those that an operator has to look at as well, and every ten seconds a
 * summary at `info`. A campaign of a million rows is then some thousand lines instead of a million.
 */

import type { Outcome } from '../domain/jobs/outcome.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';
import type { Logger } from '../kit/logger.ts';

export interface JobLog {
  record(job: PassJob, attempt: number, outcome: Outcome, durationMs: number): void;
  /** Logs what was recorded since the last summary. */
  flush(): void;
}

const SUMMARY_EVERY_MS = 10_000;

/** What the summary counts. */
interface Totals {
  runs: number;
  outcomes: Partial<Record<Outcome['kind'], number>>;
  /** By failure code. */
  codes: Record<string, number>;
  totalMs: number;
  maxMs: number;
  /** The fields of one of the runs. */
  sample: object;
}

export function makeJobLog(log: Logger, { everyMs = SUMMARY_EVERY_MS } = {}): JobLog {
  let totals: Totals | undefined;
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (totals === undefined) return;
    const { runs, outcomes, codes, totalMs, maxMs, sample } = totals;
    totals = undefined;
    log.info(
      { event: 'jobs', runs, outcomes, codes, meanMs: Math.round(totalMs / runs), maxMs, sample },
      'jobs',
    );
  };

  const add = (fields: JobFields, { kind }: Outcome) => {
    totals ??= { runs: 0, outcomes: {}, codes: {}, totalMs: 0, maxMs: 0, sample: fields };
    totals.runs += 1;
    totals.outcomes[kind] = (totals.outcomes[kind] ?? 0) + 1;
    if (fields.code !== undefined) totals.codes[fields.code] = (totals.codes[fields.code] ?? 0) + 1;
    totals.totalMs += fields.durationMs;
    totals.maxMs = Math.max(totals.maxMs, fields.durationMs);
    // No timer runs while nothing is done.
    timer ??= setTimeout(flush, everyMs).unref();
  };

  return {
    record(job, attempt, outcome, durationMs) {
      const fields = fieldsOf(job, attempt, outcome, durationMs);
      if (outcome.kind === 'second-card') log.error(fields, 'a customer has two cards');
      else if (outcome.kind === 'unknown')
        log.warn(fields, 'the outcome is unknown: a card may have been made');
      else log.debug(fields, 'job');
      add(fields, outcome);
    },
    flush,
  };
}

interface JobFields {
  durationMs: number;
  code?: string;
  [name: string]: unknown;
}

/** The fields of the log line of a run. They contain no personal data and no text of the upstream. */
function fieldsOf(
  { id, action, program }: PassJob,
  attempt: number,
  outcome: Outcome,
  durationMs: number,
): JobFields {
  const fields = { event: 'job', job: id, action, program, attempt, outcome: outcome.kind, durationMs };
  switch (outcome.kind) {
    case 'done':
      return { ...fields, replaced: outcome.replaced };
    case 'parked':
      return fields;
    case 'skip':
      return { ...fields, reason: outcome.reason, why: outcome.why };
    case 'wait': {
      const { reason, delayMs } = outcome;
      const cause =
        reason.why === 'failure' ? { code: reason.failure.code, status: reason.failure.status } : {};
      return { ...fields, ...cause, reason: reason.why, delayMs };
    }
    case 'retry': {
      const { failure, delayMs } = outcome;
      return { ...fields, code: failure.code, status: failure.status, delayMs };
    }
    case 'reject':
    case 'unknown':
    case 'second-card':
      return { ...fields, code: outcome.failure.code, status: outcome.failure.status };
  }
}

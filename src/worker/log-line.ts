/** A run of a job as one wide log line. */

import type { Outcome } from '../domain/jobs/outcome.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';

/** No personal data and nothing that the other side said: both may hold secrets. */
export function logLine(job: PassJob, attempt: number, outcome: Outcome, durationMs: number) {
  const { id, action, program } = job;
  const line = { event: 'job', job: id, action, program, attempt, outcome: outcome.kind, durationMs };
  switch (outcome.kind) {
    case 'done':
    case 'parked':
      return line;
    case 'skip':
      return { ...line, reason: outcome.reason, why: outcome.why };
    case 'wait': {
      const { reason, delayMs } = outcome;
      const more =
        reason.why === 'failure' ? { code: reason.failure.code, status: reason.failure.status } : {};
      return { ...line, ...more, reason: reason.why, delayMs };
    }
    case 'retry':
      return {
        ...line,
        code: outcome.failure.code,
        status: outcome.failure.status,
        delayMs: outcome.delayMs,
      };
    case 'reject':
    case 'unknown':
      return { ...line, code: outcome.failure.code, status: outcome.failure.status };
  }
}

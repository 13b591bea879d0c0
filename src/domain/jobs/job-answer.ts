/** What whoever sent a job is told about it, if they wait. */

import { failureKinds } from '../failures/failure.ts';
import { type Outcome, skipReasons } from './outcome.ts';
import type { Json } from './program.ts';

export type JobAnswer =
  /** `answer`: Passmachine's own, where there is one. */
  | { ok: true; answer?: Json }
  /** Why nothing was made or changed: a failure's code or a skip's reason, and what it means. */
  | { ok: false; code: string; meaning: string };

/** Undefined while the job has not ended. */
export function jobAnswer(outcome: Outcome): JobAnswer | undefined {
  switch (outcome.kind) {
    case 'done':
      return { ok: true, ...(outcome.answer !== undefined && { answer: outcome.answer }) };
    case 'reject':
    case 'unknown': {
      const { code } = outcome.failure;
      return { ok: false, code, meaning: failureKinds[code].meaning };
    }
    case 'skip':
      if (outcome.reason === 'settled') return undefined;
      return { ok: false, code: outcome.reason, meaning: `The customer ${skipReasons[outcome.reason]}.` };
    case 'retry':
    case 'wait':
    case 'parked':
      return undefined;
  }
}

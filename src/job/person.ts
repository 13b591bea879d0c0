/** What became of one customer lately: the short timeline that an operator looks up. */

import type { FinalState } from './outcome.ts';
import type { PassAction } from './pass-job.ts';

/** One job that reached a final state. */
export interface PersonEvent {
  /** Unix seconds. */
  at: number;
  action: PassAction;
  state: FinalState;
  /** The job's id; it begins with the campaign's. */
  job: string;
  /** The card's id, the failure's code or why it was skipped; empty for a stopped job. */
  note: string;
}

export interface Person {
  /** The customer as `type:value` of the id that names them. */
  customer: string;
  /** Oldest first. */
  events: PersonEvent[];
}

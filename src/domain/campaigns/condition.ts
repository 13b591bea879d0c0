/** A condition on customers: which rows of a source a campaign is for. `programs/template/` compiles it. */

import type { Failure } from '../failures/failure.ts';
import type { Customer } from '../jobs/pass-job.ts';
import type { TemplateContext } from '../jobs/program.ts';

/** Whether a customer matches, or why the condition could not be evaluated. */
export type Verdict = { ok: true; matches: boolean } | { ok: false; failure: Failure };

export interface Condition {
  /** `time` is when the campaign was ordered, so that the result stays the same if a row is read again. */
  evaluate(context: Pick<TemplateContext, 'customer' | 'customer_ids' | 'time'>): Verdict;
  /** Customer attributes that the condition reads. */
  readonly uses: readonly string[];
  /** The subset of `uses` whose bare value is tested as true or false. */
  readonly truthTests: readonly string[];
}

/** Returns the check that a campaign ordered at a time (milliseconds since 1970) applies to its customers. */
export function matcherFor(condition: Condition, orderedAt: number): (customer: Customer) => Verdict {
  const time = Math.floor(orderedAt / 1000);
  return ({ attributes, ids }) => condition.evaluate({ customer: attributes, customer_ids: ids, time });
}

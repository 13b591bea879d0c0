/** A condition for customers: which rows of a source a campaign is for. `config/` compiles it. */

import type { Failure } from '../failures/failure.ts';
import type { Customer } from '../jobs/pass-job.ts';
import type { TemplateContext } from '../jobs/program.ts';

/** Whether it is true of a customer, or why that cannot be told. */
export type Verdict = { ok: true; holds: boolean } | { ok: false; failure: Failure };

export interface Condition {
  /** `time` is when the campaign was ordered, so that the answer stays the same however often a row is read. */
  judge(context: Pick<TemplateContext, 'customer' | 'customer_ids' | 'time'>): Verdict;
  /** Customer attributes that it mentions. */
  readonly uses: readonly string[];
}

/** Whether a campaign that was ordered at a time (milliseconds since 1970) is meant for a customer. */
export function meantBy(condition: Condition, orderedAt: number): (customer: Customer) => Verdict {
  const time = Math.floor(orderedAt / 1000);
  return ({ attributes, ids }) => condition.judge({ customer: attributes, customer_ids: ids, time });
}

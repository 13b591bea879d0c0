/** How jobs are changed before they are sent again: attributes of their customers, never their ids. */

import type { PassJob } from '../jobs/pass-job.ts';
import type { Json } from '../jobs/program.ts';

export type EditRule =
  /** The attribute becomes what the Jinja template makes of the customer. */
  | { attribute: string; template: string }
  /** These attributes get these values; null takes one away. */
  | { values: Readonly<Record<string, Json>> };

/** A job as a rule changes it, or why it cannot: in a sentence without values of the customer's. */
export type Edited = { ok: true; job: PassJob } | { ok: false; problem: string };

/** Changes a job; `time` in unix seconds. */
export type EditJob = (job: PassJob, time: number) => Edited;

/** What would be sent to Passmachine, or why nothing could be. */
export type SentBody = { ok: true; body: Json } | { ok: false; problem: string };

/** One job before and after. */
export interface RuleSample {
  campaign: string;
  job: string;
  row: number;
  /** As `type:value` of the id that names the customer. */
  customer: string;
  /** Attributes that the rule changes; a value that is not there is undefined. */
  changes: { attribute: string; before: unknown; after: unknown }[];
  before: SentBody;
  /** The same after the change; where the rule fails for this job, why. */
  after: SentBody;
}

/** What a rule would do to a few real jobs. */
export type RulePreview =
  | { ok: true; samples: RuleSample[] }
  /** Why the rule cannot be read, in sentences. */
  | { ok: false; problems: string[] };

/** The same job with other values of its customer's attributes. */
export function withAttributes(job: PassJob, values: Readonly<Record<string, Json>>): Edited {
  const { ids, attributes } = job.customer;
  const id = Object.keys(values).find((name) => Object.hasOwn(ids, name));
  if (id !== undefined) return { ok: false, problem: `${id} is a customer id: ids are never changed` };
  const changed = Object.entries({ ...attributes, ...values }).filter(([name]) => values[name] !== null);
  // What it says the card shows is true no more: without it the next run sends the card anew.
  const { dataHash: _outdated, ...rest } = job;
  return { ok: true, job: { ...rest, customer: { ids, attributes: Object.fromEntries(changed) } } };
}

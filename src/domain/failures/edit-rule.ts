/** Rules that change failed jobs before they are sent again: attributes of their customers. A rule must not change the ids. */

import type { PassJob } from '../jobs/pass-job.ts';
import type { Json } from '../jobs/program.ts';

export type EditRule =
  /** Sets the attribute to the result of the Jinja template, rendered for the customer. */
  | { attribute: string; template: string }
  /** Sets these attributes to these values; null removes one. */
  | { values: Readonly<Record<string, Json>> };

/** The changed job, or why the rule fails for it: a sentence without the customer's values. */
export type Edited = { ok: true; job: PassJob } | { ok: false; problem: string };

/** Changes a job; `time` is in unix seconds. */
export type EditJob = (job: PassJob, time: number) => Edited;

/** The body that would be sent to Passmachine, or why it cannot be rendered. */
export type SentBody = { ok: true; body: Json } | { ok: false; problem: string };

/** One job before and after. */
export interface RuleSample {
  campaign: string;
  job: string;
  row: number;
  /** `type:value` of the id that identifies the customer. */
  customer: string;
  /** The changed attributes; a missing value is undefined. */
  changes: { attribute: string; before: unknown; after: unknown }[];
  before: SentBody;
  /** The body after the change, or why the rule fails for this job. */
  after: SentBody;
}

/** The effect of a rule on a few real jobs. */
export type RulePreview =
  | {
      ok: true;
      /** Those that the rule changes come first. */
      samples: RuleSample[];
      /** The rule was tried on all jobs that it is for and changes none of them, so it cannot be applied. */
      changesNothing: boolean;
    }
  /** Why the rule does not compile, in sentences. */
  | { ok: false; problems: string[] };

/** Why a rule that changes nothing is refused. */
export const CHANGES_NOTHING =
  'The rule changes nothing: the new value is the present one for every customer. Change the attribute or its new value.';

/** Returns the job with changed attributes. Fails for an id, since ids identify the customer. */
export function withAttributes(job: PassJob, values: Readonly<Record<string, Json>>): Edited {
  const { ids, attributes } = job.customer;
  const id = Object.keys(values).find((name) => Object.hasOwn(ids, name));
  if (id !== undefined) return { ok: false, problem: `${id} is a customer id, and ids cannot be changed` };
  const changed = Object.entries({ ...attributes, ...values }).filter(([name]) => values[name] !== null);
  // The hash no longer describes the card. Without it, the next run with --changed-only sends this customer again.
  const { dataHash: _outdated, ...rest } = job;
  return { ok: true, job: { ...rest, customer: { ids, attributes: Object.fromEntries(changed) } } };
}

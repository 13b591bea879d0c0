/** What a job sends, as JSON text: its program's template filled for the customer, or the body that it brought. */

import { failure, type Failure } from '../domain/failures/failure.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';
import { type Json, type Program, type Rendered, templateOf } from '../domain/jobs/program.ts';
import { triggersNotification } from '../domain/campaigns/notification.ts';

/** `text` is undefined where nothing is left to send. */
export type JobBody = { ok: true; text: string | undefined } | Extract<Rendered, { ok: false }>;

interface Manner {
  /** Unix seconds. */
  time: number;
  /** Leaves out what makes phones ring. */
  silent: boolean;
  /** The card's code, where it gets one. */
  voucher?: string | undefined;
}

export function bodyOf(job: PassJob, program: Program, { time, silent, voucher }: Manner): JobBody {
  if (job.body !== undefined) {
    return { ok: true, text: silent ? toText(silenced(JSON.parse(job.body) as Json)) : job.body };
  }
  const template = templateOf(program, job.action);
  if (template === undefined) return { ok: false, failure: unknownSection(job) };
  const rendered = template.render({
    customer: job.customer.attributes,
    customer_ids: job.customer.ids,
    time,
    ...(job.text !== undefined && { text: job.text }),
    ...(voucher !== undefined && { voucher }),
  });
  if (!rendered.ok) return rendered;
  return { ok: true, text: toText(silent ? silenced(rendered.body) : rendered.body) };
}

/** The job's program, or that part of it, is not in the programs file (any more). */
export function unknownSection({ program, action }: PassJob): Failure {
  return failure('PROGRAM_UNKNOWN', `the programs file has no ${program}.${action}`);
}

/** The same JSON Patch without what makes phones ring; undefined where nothing else is in it. */
function silenced(operations: Json): Json | undefined {
  if (!Array.isArray(operations)) return operations;
  const quiet = operations.filter((operation) => !triggersNotification(operation));
  return quiet.length === 0 ? undefined : quiet;
}

function toText(body: Json | undefined): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}

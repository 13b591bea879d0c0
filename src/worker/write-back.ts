/** Makes the write-back of a settled job: the attributes that Bloomreach stores about the card. */

import type { Failure } from '../domain/failures/failure.ts';
import { DATA_HASH_ATTRIBUTE, type IssuedCard, type PassJob } from '../domain/jobs/pass-job.ts';
import type { Json, Program } from '../domain/jobs/program.ts';
import type { UndatedWriteBack } from '../domain/jobs/write-back.ts';

/**
 * Renders the program's attributes with Passmachine's answer. There is no write-back if all of them are empty. The
 * ledger dates it when it settles the job.
 */
export function writeBackOf(
  job: PassJob,
  program: Program,
  card: IssuedCard,
  { answer, voucher }: { answer: Json; voucher: string | undefined },
): { ok: true; writeBack?: UndatedWriteBack } | { ok: false; failure: Failure } {
  const rendered = program.attributes.render({
    customer: job.customer.attributes,
    customer_ids: job.customer.ids,
    time: card.issuedAt,
    webhook: answer,
    ...(voucher !== undefined && { voucher }),
  });
  // A programs file with `{% abort %}` in `attributes` is refused, since the card already exists.
  if ('aborted' in rendered) return { ok: true };
  if (!rendered.ok) return rendered;
  const properties = { ...withoutBlanks(rendered.body), ...dataHashOf(job) };
  if (Object.keys(properties).length === 0) return { ok: true };
  return { ok: true, writeBack: makeWriteBack(job, properties) };
}

/** Makes the write-back of an update or notification: the hash of the card's data, in campaigns that send changes only. */
export function dataHashWriteBack(job: PassJob): UndatedWriteBack | undefined {
  if (job.dataHash === undefined) return undefined;
  return makeWriteBack(job, dataHashOf(job));
}

function dataHashOf({ dataHash }: PassJob): { [name: string]: Json } {
  return dataHash === undefined ? {} : { [DATA_HASH_ATTRIBUTE]: dataHash };
}

function makeWriteBack(job: PassJob, properties: { [name: string]: Json }): UndatedWriteBack {
  return {
    id: job.id,
    campaign: job.campaign,
    row: job.row,
    name: 'customers',
    data: { customer_ids: firstId(job), properties },
    refusals: 0,
  };
}

/** Removes empty attributes, so that Bloomreach keeps their current values. */
function withoutBlanks(body: Json): { [key: string]: Json } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return {};
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== '' && value !== null));
}

/** A second id could make Bloomreach merge two profiles. */
function firstId(job: PassJob): { [type: string]: string } {
  return Object.fromEntries(Object.entries(job.customer.ids).slice(0, 1));
}

/** What Bloomreach is told about a card. */

import type { Failure } from '../domain/failures/failure.ts';
import { DATA_HASH_ATTRIBUTE, type IssuedCard, type PassJob } from '../domain/jobs/pass-job.ts';
import type { Json, Program } from '../domain/jobs/program.ts';
import type { WriteBack } from '../domain/jobs/write-back.ts';

/**
 * The program's attributes rendered with Passmachine's answer, or why they cannot be. Nothing to
 * write where all of them come out empty. `update_timestamp` is when Passmachine answered, so that
 * a later card wins at Bloomreach in whichever order the two arrive.
 */
export function writeBackOf(
  job: PassJob,
  program: Program,
  card: IssuedCard,
  { answer, voucher, now }: { answer: Json; voucher: string | undefined; now: number },
): { ok: true; writeBack?: WriteBack } | { ok: false; failure: Failure } {
  const rendered = program.attributes.render({
    customer: job.customer.attributes,
    customer_ids: job.customer.ids,
    time: card.issuedAt,
    webhook: answer,
    ...(voucher !== undefined && { voucher }),
  });
  // Nothing is left out once its card exists; the programs file is not read with such a template.
  if ('aborted' in rendered) return { ok: true };
  if (!rendered.ok) return rendered;
  const properties = { ...withoutBlanks(rendered.body), ...dataHashOf(job) };
  if (Object.keys(properties).length === 0) return { ok: true };
  return { ok: true, writeBack: entry(job, properties, card.issuedAt, now) };
}

/** What is written back after a change: what the card shows now, where only changes are sent. */
export function dataHashWriteBack(job: PassJob, now: number): WriteBack | undefined {
  if (job.dataHash === undefined) return undefined;
  return entry(job, dataHashOf(job), Math.floor(now / 1000), now);
}

function dataHashOf({ dataHash }: PassJob): { [name: string]: Json } {
  return dataHash === undefined ? {} : { [DATA_HASH_ATTRIBUTE]: dataHash };
}

function entry(
  job: PassJob,
  properties: { [name: string]: Json },
  answeredAt: number,
  now: number,
): WriteBack {
  return {
    id: job.id,
    campaign: job.campaign,
    row: job.row,
    name: 'customers',
    data: { customer_ids: naming(job), properties, update_timestamp: answeredAt },
    at: now,
    refusals: 0,
  };
}

/** An attribute that came out empty is left as it is at Bloomreach. */
function withoutBlanks(body: Json): { [key: string]: Json } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return {};
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== '' && value !== null));
}

/** Only the id that names the customer: a second one could merge two profiles. */
function naming(job: PassJob): { [type: string]: string } {
  return Object.fromEntries(Object.entries(job.customer.ids).slice(0, 1));
}

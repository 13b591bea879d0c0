/** Ends an unknown create as done with the card that it made: counters, ledger, write-back and timeline. */

import { failure } from '../../domain/failures/failure.ts';
import type { IssuedCard, PassJob } from '../../domain/jobs/pass-job.ts';
import type { Program } from '../../domain/jobs/program.ts';
import type { ProvenWriteBack, UnknownCreate } from '../../ledger/failures/unknown-creates.ts';
import { writeBackOf } from '../../worker/write-back.ts';
import type { FindProgram } from '../programs/find-program.ts';
import type { Stores } from '../stores.ts';

type SettleStores = Pick<Stores, 'campaigns' | 'jobs' | 'unknownCreates' | 'vouchers'>;

interface Proven {
  passId: string;
  link?: string | undefined;
  /** Who proved it, for the timeline: `by an event of Passmachine`, `by alice`. */
  by: string;
  /** Milliseconds since 1970. */
  now: number;
}

/**
 * Returns false, and changes nothing, if the create is no longer unknown. If the customer has another card, the row ends
 * done as well, and the second card is filed as a failure. The card counts as issued when its answer was
 * lost, so a newer card of the customer stays the one that Bloomreach stores. Attributes that need a part of the answer
 * that is not known, such as the link, keep their values.
 */
export async function settleUnknown(
  stores: SettleStores,
  findProgram: FindProgram,
  unknown: UnknownCreate,
  { passId, link, by, now }: Proven,
): Promise<boolean> {
  const { job, at } = unknown.record;
  const card: IssuedCard = {
    passId,
    issuedAt: Math.floor(at / 1000),
    ...(link !== undefined && { link }),
  };
  const program = await programOf(stores, findProgram, job);
  const proven = await provenWriteBack(stores, { job, program, card });
  const settled = await stores.unknownCreates.settle(unknown, card, { by, now, ...proven });
  if (settled === 'second-card') await settleSecondCard(stores, job, card);
  return settled !== 'gone';
}

/** Records a card beside another one of the customer. The row is done, or was done already. */
export async function settleSecondCard(
  { jobs }: Pick<Stores, 'jobs'>,
  job: PassJob,
  card: IssuedCard,
): Promise<void> {
  // No delivery: the older of two cards is the one that no run has just made.
  await jobs.settle({ ...job, deliveryId: '' }, { state: 'done', card });
}

async function programOf(
  { campaigns }: SettleStores,
  findProgram: FindProgram,
  { program, campaign, latestProgram }: PassJob,
): Promise<Program | undefined> {
  const version = latestProgram === true ? undefined : (await campaigns.find(campaign))?.programVersion;
  return findProgram(program, version);
}

interface Card {
  job: PassJob;
  program: Program | undefined;
  card: IssuedCard;
}

async function provenWriteBack(
  { vouchers }: SettleStores,
  { job, program, card }: Card,
): Promise<ProvenWriteBack> {
  if (program === undefined) {
    const detail = `the programs file has no ${job.program}`;
    return { writeBackFailure: failure('PROGRAM_UNKNOWN', detail) };
  }
  // A job always gets the code that it drew for its card.
  const usesVoucher = program.vouchers !== undefined && program.attributes.usesVoucher;
  const voucher = usesVoucher ? await vouchers.draw(program.vouchers ?? '', job.id) : undefined;
  // Without a link its attribute is empty, so Bloomreach keeps its value.
  const answer = { data: { id: card.passId, ro: { microsite: { url: card.link ?? '' } } } };
  const rendered = writeBackOf(job, program, card, { answer, voucher });
  if (!rendered.ok) return { writeBackFailure: rendered.failure };
  return rendered.writeBack === undefined ? {} : { writeBack: rendered.writeBack };
}

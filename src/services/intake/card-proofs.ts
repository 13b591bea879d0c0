/**
 * Ends unknown creates automatically: an event of Passmachine that carries the id of a job proves that the job's create
 * made the card it names.
 */

import { type CardProof, compareCustomers } from '../../domain/jobs/card-proof.ts';
import { campaignAndRow } from '../../domain/jobs/job-id.ts';
import { PASS_JOB_VERSION, type PassJob } from '../../domain/jobs/pass-job.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';
import { startPeriodic } from '../../kit/periodic.ts';
import { settleSecondCard, settleUnknown } from '../failures/settle-unknown.ts';
import type { FindProgram } from '../programs/find-program.ts';
import type { Stores } from '../stores.ts';

/**
 * `proven`: the create was unknown, and is done now. `early`: the job has not ended yet, so the proof is kept.
 * `unchanged`: the job is not unknown, or is not known at all. `second-card`: its campaign made another card for this
 * customer. `other-customer`: the job's customer is another one.
 */
export type ProofResult = 'proven' | 'early' | 'unchanged' | 'second-card' | 'other-customer';

/** Proves a card. Repeating it changes nothing. */
export type ProveCard = (proof: CardProof) => Promise<ProofResult>;

type ProofStores = Pick<
  Stores,
  'campaigns' | 'jobs' | 'unknownCreates' | 'vouchers' | 'earlyProofs' | 'leases'
>;

interface ProofDeps {
  stores: ProofStores;
  findProgram: FindProgram;
  clock: Clock;
  log: Logger;
}

/** `by` describes the source in the customer's timeline, e.g. `by an event of Passmachine`. */
export function makeProveCard(
  { stores, findProgram, clock, log }: ProofDeps,
  by = 'by an event of Passmachine',
): ProveCard {
  const { unknownCreates, earlyProofs } = stores;

  /** Of two cards that one job made, the second one to be known is filed for operators. */
  const findSecondCard = async (proof: CardProof): Promise<ProofResult> => {
    const { campaign: id, row } = campaignAndRow(proof.job) ?? { campaign: '', row: 0 };
    const campaign = await stores.campaigns.find(id);
    if (campaign === undefined) return 'unchanged';
    const { program } = campaign;
    const customer = await unknownCreates.customerWithOtherCard(proof.job, program, proof);
    if (customer === undefined) return 'unchanged';
    const job: PassJob = {
      v: PASS_JOB_VERSION,
      id: proof.job,
      action: 'create',
      program,
      campaign: id,
      row,
      customer,
    };
    await settleSecondCard(stores, job, { passId: proof.passId, issuedAt: Math.floor(clock() / 1000) });
    log.warn({ event: 'second-card.found', job: proof.job }, 'a job made two cards');
    return 'second-card';
  };

  return async (proof) => {
    const { job, passId, link, ids } = proof;
    const state = await unknownCreates.stateOf(job);
    if (state === 'open') {
      await earlyProofs.add({ ...proof, at: clock() });
      return 'early';
    }
    const unknown = state === 'unknown' ? await unknownCreates.find(job) : undefined;
    if (unknown === undefined) return state === 'absent' ? 'unchanged' : findSecondCard(proof);
    const compared = compareCustomers(ids, unknown.record.job.customer.ids);
    if (compared !== 'same') {
      log.warn({ event: 'proof.refused', job, compared }, 'an event names a job of another customer');
      return compared === 'different' ? 'other-customer' : 'unchanged';
    }
    const isSettled = await settleUnknown(stores, findProgram, unknown, { passId, link, by, now: clock() });
    if (!isSettled) return 'unchanged';
    log.info({ event: 'unknown.proven', job }, 'an unknown create is done: its card exists');
    return 'proven';
  };
}

const EVERY_MS = 2000;
const LEASE_MS = 30_000;
/** A job that was parked with its campaign may take this long to end. */
const KEPT_MS = 7 * 86_400_000;

/** Proves cards whose proof came before their job had ended, once it has. */
export function startEarlyProofs(deps: ProofDeps): Part {
  const { stores, clock, log } = deps;
  const { earlyProofs, leases } = stores;
  const prove = makeProveCard(deps);
  return startPeriodic({
    name: 'early proofs',
    everyMs: EVERY_MS,
    leader: leases.leader('early-proofs', LEASE_MS),
    async work(signal) {
      for await (const page of earlyProofs.pages()) {
        for (const { at, ...proof } of page) {
          if (signal.aborted) return;
          const isOver = at < clock() - KEPT_MS;
          const state = isOver ? 'settled' : await stores.unknownCreates.stateOf(proof.job);
          if (state === 'open') continue;
          if (!isOver) await prove(proof);
          await earlyProofs.remove([proof.job]);
        }
      }
    },
    log,
  });
}

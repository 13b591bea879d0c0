/**
 * Ends unknown creates by themselves: an event or an answer of Passmachine that carries the id of a job proves that the
 * job's create made the card it names. A job that is not unknown is left as it is.
 */

import { type CardProof, compareCustomers } from '../../domain/jobs/card-proof.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';
import { startPeriodic } from '../../kit/periodic.ts';
import { settleUnknown } from '../failures/settle-unknown.ts';
import type { FindProgram } from '../programs/find-program.ts';
import type { Stores } from '../stores.ts';

/**
 * `proven`: the create was unknown, and is done now. `early`: the job has not ended yet, so the proof is kept.
 * `unchanged`: the job is not unknown, or is not known at all. `other-customer`: the job's customer is another one.
 */
export type ProofResult = 'proven' | 'early' | 'unchanged' | 'other-customer';

/** Proves a card. Repeating it changes nothing. */
export type ProveCard = (proof: CardProof) => Promise<ProofResult>;

type ProofStores = Pick<Stores, 'campaigns' | 'unknownCreates' | 'vouchers' | 'earlyProofs' | 'leases'>;

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

  return async (proof) => {
    const { job, passId, link, ids } = proof;
    const state = await unknownCreates.stateOf(job);
    if (state === 'open') {
      await earlyProofs.add({ ...proof, at: clock() });
      return 'early';
    }
    const unknown = state === 'unknown' ? await unknownCreates.find(job) : undefined;
    if (unknown === undefined) return 'unchanged';
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
          if (state === 'unknown') await prove(proof);
          await earlyProofs.remove([proof.job]);
        }
      }
    },
    log,
  });
}

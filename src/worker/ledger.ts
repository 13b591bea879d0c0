/** The durable facts about jobs, as far as a worker needs them; through moments in which Redis says no. */

import type { PassJob } from '../job/pass-job.ts';
import type { Claim, Settlement } from '../job/settlement.ts';
import { insist } from '../kit/insist.ts';

export interface Ledger {
  claim(job: PassJob): Promise<Claim>;
  park(job: PassJob, tried: number): Promise<'parked' | 'settled' | 'out' | 'running'>;
  isOut(job: PassJob): Promise<boolean>;
  release(job: PassJob): Promise<void>;
  settle(job: PassJob, settlement: Settlement): Promise<boolean>;
}

/** Eight seconds: after longer, another worker may take the job over. */
const LEDGER_TRIES = { times: 16, pauseMs: 500 };

/** A Redis that is full or read-only for a moment pauses the job; above all it must not make a sent call unknown. */
export function insistent(ledger: Ledger): Ledger {
  return {
    claim: (job) => insist(() => ledger.claim(job), LEDGER_TRIES),
    park: (job, tried) => insist(() => ledger.park(job, tried), LEDGER_TRIES),
    isOut: (job) => insist(() => ledger.isOut(job), LEDGER_TRIES),
    release: (job) => insist(() => ledger.release(job), LEDGER_TRIES),
    settle: (job, settlement) => insist(() => ledger.settle(job, settlement), LEDGER_TRIES),
  };
}

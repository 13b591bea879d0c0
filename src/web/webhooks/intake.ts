/** How a hit gets from a door into the ledger, and what its sender is told. */

import type { Hit } from '../../domain/jobs/webhook-request.ts';
import { type Refusal, refusal } from './answers.ts';

/** What came of a hit: see the ledger's inbox. */
type Receipt = { kind: 'new'; job: { id: string } } | { kind: 'known'; id: string } | { kind: 'conflict' };

/** Stores a hit; rejects where that was not possible in time. `key` is what its sender calls it. */
export type ReceiveHit = (delivery: { hit: Hit; key?: string }) => Promise<Receipt>;

export type Taken = { success: true; job_id: string } | Refusal;

/** Stores a hit and says which job it has become, or that its key is another's. */
export async function takeIn(receive: ReceiveHit, hit: Hit, key: string | undefined): Promise<Taken> {
  const receipt = await receive({ hit, ...(key !== undefined && { key }) });
  switch (receipt.kind) {
    case 'new':
      return { success: true, job_id: receipt.job.id };
    case 'known':
      return { success: true, job_id: receipt.id };
    case 'conflict':
      return refusal('HIT_CONFLICT', 'this Idempotency-Key came with another content before');
  }
}

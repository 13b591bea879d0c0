/** How a hit gets from a door into the ledger, and what its sender is told. */

import type { WebhookRequest } from '../../domain/jobs/webhook-request.ts';
import { type Refusal, refusal } from './answers.ts';

/** What came of a hit: see the ledger's inbox. */
type BulkAction = { kind: 'new'; job: { id: string } } | { kind: 'known'; id: string } | { kind: 'conflict' };

/** Stores a hit; rejects where that was not possible in time. `key` is what its sender calls it. */
export type ReceiveWebhookRequest = (delivery: {
  request: WebhookRequest;
  key?: string;
}) => Promise<BulkAction>;

export type Taken = { success: true; job_id: string } | Refusal;

/** Stores a hit and says which job it has become, or that its key is another's. */
export async function takeIn(
  receive: ReceiveWebhookRequest,
  request: WebhookRequest,
  key: string | undefined,
): Promise<Taken> {
  const bulkAction = await receive({ request, ...(key !== undefined && { key }) });
  switch (bulkAction.kind) {
    case 'new':
      return { success: true, job_id: bulkAction.job.id };
    case 'known':
      return { success: true, job_id: bulkAction.id };
    case 'conflict':
      return refusal('WEBHOOK_CONFLICT', 'this Idempotency-Key came with another content before');
  }
}

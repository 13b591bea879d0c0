/** Creates failures through the ledger, as workers record them. */

import type { Redis } from 'ioredis';
import type { Failure } from '../../src/domain/failures/failure.ts';
import { makeAudit } from '../../src/ledger/operators/audit.ts';
import { makeCampaignLedger } from '../../src/ledger/campaigns/campaign-ledger.ts';
import { makeFailureActions } from '../../src/ledger/failures/failure-actions.ts';
import { makeFailureIndex } from '../../src/ledger/failures/failure-index.ts';
import { makeJobLedger } from '../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeBulkActions, type BulkActions } from '../../src/ledger/failures/bulk-actions.ts';
import { makeQueued, makeOrder } from './make.ts';

/** Jobs settled concurrently. */
const BATCH = 1000;

/** Opens the parts of a ledger that concern failures. */
export function openFailureLedger(redis: Redis, prefix: string, clock: () => number = Date.now) {
  const keys = makeLedgerKeys(prefix);
  const campaigns = makeCampaignLedger(redis, keys);
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: 600_000, clock });

  return {
    redis,
    keys,
    campaigns,
    jobs,
    failures: makeFailureIndex(redis, keys),
    actions: makeFailureActions(redis, keys),
    bulkActions: makeBulkActions(redis, keys),
    audit: makeAudit(redis, keys),
    /** Creates a campaign whose rows 1 to `rows` all failed. Rows with a `PM_UNKNOWN_*` failure are unknown, the others rejected. */
    async plant(campaign: string, rows: number, failureOf: (row: number) => Failure): Promise<void> {
      await campaigns.create(makeOrder(campaign));
      await campaigns.accept(campaign, rows, [], clock());
      await campaigns.markFed(campaign, 0);
      for (let first = 1; first <= rows; first += BATCH) {
        const batch = Array.from({ length: Math.min(BATCH, rows - first + 1) }, (_, n) => first + n);
        await Promise.all(
          batch.map((row) => {
            const failure = failureOf(row);
            const state = failure.code.startsWith('PM_UNKNOWN') ? 'unknown' : 'rejected';
            const job = makeQueued(row, {
              id: `${campaign}-${row}`,
              campaign,
              customer: { ids: { registered: `${campaign}-c-${row}` }, attributes: {} },
            });
            return jobs.settle(job, { state, failure, attempts: 1, at: clock() });
          }),
        );
      }
    },
  };
}

/** Starts an empty bulk action, for tests that process single failures. Returns its id. */
export async function runningBulkAction(bulkActions: BulkActions): Promise<string> {
  const order = { id: 'r', kind: 'retry', filter: { unknown: true }, by: 'test', reason: '', at: 0 } as const;
  await bulkActions.open(order, 0);
  await bulkActions.start(order.id);
  return order.id;
}

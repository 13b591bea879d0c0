/** Failures for tests: planted through the ledger, as workers would leave them. */

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

/** Jobs that are settled at once. */
const AT_ONCE = 1000;

/** The parts of a ledger that know of failures. `clock`: when it is. */
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
    /** A fed campaign whose rows 1 to `rows` all failed; those whose failure is of the stage `maybe` are unknown. */
    async plant(campaign: string, rows: number, failureOf: (row: number) => Failure): Promise<void> {
      await campaigns.create(makeOrder(campaign));
      await campaigns.accept(campaign, rows, [], clock());
      await campaigns.markFed(campaign, 0);
      for (let first = 1; first <= rows; first += AT_ONCE) {
        const some = Array.from({ length: Math.min(AT_ONCE, rows - first + 1) }, (_, n) => first + n);
        await Promise.all(
          some.map((row) => {
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

/** A receipt that runs, on which single failures can be dealt with; returns its id. */
export async function runningBulkAction(bulkActions: BulkActions): Promise<string> {
  const act = { id: 'r', kind: 'retry', filter: { unknown: true }, by: 'test', reason: '', at: 0 } as const;
  await bulkActions.open(act, 0);
  await bulkActions.start(act.id);
  return act.id;
}

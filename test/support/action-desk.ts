/** A ledger with failures, and processes that carry bulk acts out over it; what is sent is played by the test. */

import { makeEditors } from '../../src/services/failures/edit-rules.ts';
import { startBulkAction } from '../../src/services/failures/bulk-actions.ts';
import type { Act } from '../../src/services/campaigns/control.ts';
import type { BulkFilter } from '../../src/domain/failures/bulk-action.ts';
import { failure } from '../../src/domain/failures/failure.ts';
import type { PassJob } from '../../src/domain/jobs/pass-job.ts';
import { makeCampaignSwitch } from '../../src/ledger/campaigns/campaign-switch.ts';
import { makeParkedJobs } from '../../src/ledger/jobs/parked-jobs.ts';
import { makeBulkActionRunner } from '../../src/bulk-actions/run-bulk-action.ts';
import { openFailureLedger } from './failures.ts';
import { silent } from './make.ts';
import { openRedis, testPrefix } from './redis.ts';

/** Who orders, when everything has failed. */
export const ordinary: Act & { now: number } = {
  by: 'eva',
  via: 'dashboard',
  reason: 'template mended',
  now: Number.MAX_SAFE_INTEGER / 2,
};
export const refused = failure('PM_REFUSED', 'no');

/** A ledger, and processes that carry acts out; `queued` and `sent` are what went into the queue, in order. */
export async function openActionService() {
  const redis = openRedis();
  const prefix = testPrefix();
  const ledger = openFailureLedger(redis, prefix);
  const parked = makeParkedJobs(redis, ledger.keys);
  const ordered: string[] = [];
  const queued: string[] = [];
  const sent: PassJob[] = [];
  const stores = {
    ...ledger,
    campaignQueue: { addBulkAction: async (id: string) => void ordered.push(id) } as never,
  };

  return {
    ...ledger,
    stores,
    ordered,
    queued,
    sent,
    campaignSwitch: makeCampaignSwitch(redis, ledger.keys),
    retry: (filter: Partial<BulkFilter> = {}) =>
      startBulkAction(stores, { kind: 'retry', filter: { unknown: false, ...filter } }, ordinary),
    /** Another process; `dieAfter` so many jobs it put back, it goes no further. */
    work(
      id: string,
      {
        dieAfter = Infinity,
        onPage = async () => {},
      }: { dieAfter?: number; onPage?: () => Promise<unknown> } = {},
    ) {
      const dying = new AbortController();
      let left = dieAfter;
      const carryOut = makeBulkActionRunner({
        index: ledger.failures,
        acts: {
          ...ledger.acts,
          async reopen(record, filed, as) {
            if (dying.signal.aborted) throw new Error('it is dead');
            const reopened = await ledger.acts.reopen(record, filed, as);
            if ((left -= 1) <= 0) dying.abort();
            return reopened;
          },
        },
        bulkActions: ledger.bulkActions,
        editorOf: makeEditors(),
        campaigns: ledger.campaigns.ids,
        // Workers do at once what is put back.
        find: async (campaign) => {
          const found = await ledger.campaigns.find(campaign);
          return found && { ...found, inQueue: 0 };
        },
        async requeue(campaign, rows) {
          const jobs = await parked.ofRows(campaign, rows);
          await parked.markQueued(campaign, jobs);
          queued.push(...jobs.map((job) => job.id));
          sent.push(...jobs);
          await onPage();
        },
        clock: Date.now,
        log: silent,
      });
      return carryOut(id, dying.signal);
    },
  };
}

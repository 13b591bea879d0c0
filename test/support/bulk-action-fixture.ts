/** A ledger with failures, and processes that run bulk actions on it. The worker is simulated. */

import { editorOf } from '../../src/services/failures/edit-rules.ts';
import { startBulkAction } from '../../src/services/failures/bulk-actions.ts';
import type { ActionContext } from '../../src/services/campaigns/control.ts';
import type { BulkFilter } from '../../src/domain/failures/bulk-action.ts';
import { failure } from '../../src/domain/failures/failure.ts';
import type { PassJob } from '../../src/domain/jobs/pass-job.ts';
import { makeCampaignSwitch } from '../../src/ledger/campaigns/campaign-switch.ts';
import { makeParkedJobs } from '../../src/ledger/jobs/parked-jobs.ts';
import { makeBulkActionRunner } from '../../src/bulk-actions/run-bulk-action.ts';
import { openFailureLedger } from './failures.ts';
import { silent } from './make.ts';
import { openRedis, testPrefix } from './redis.ts';

/** The operator, at a time after all failures. */
export const ordinary: ActionContext & { now: number } = {
  by: 'eva',
  via: 'dashboard',
  reason: 'template fixed',
  now: Number.MAX_SAFE_INTEGER / 2,
};
export const refused = failure('PM_REFUSED', 'no');

/** `queued` and `sent` list the jobs that were queued, in order: ids and jobs. */
export async function openBulkActionFixture() {
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
    /** Runs a bulk action in a new process, which crashes after `dieAfter` reopened jobs. */
    work(
      id: string,
      {
        dieAfter = Infinity,
        onPage = async () => {},
      }: { dieAfter?: number; onPage?: () => Promise<unknown> } = {},
    ) {
      const crash = new AbortController();
      let left = dieAfter;
      const run = makeBulkActionRunner({
        index: ledger.failures,
        actions: {
          ...ledger.actions,
          async reopen(record, ref, as) {
            if (crash.signal.aborted) throw new Error('the process has crashed');
            const reopened = await ledger.actions.reopen(record, ref, as);
            if ((left -= 1) <= 0) crash.abort();
            return reopened;
          },
        },
        bulkActions: ledger.bulkActions,
        editorOf,
        campaigns: ledger.campaigns.idPages,
        // The workers finish every job at once.
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
      return run(id, crash.signal);
    },
  };
}

/**
 * Adds the queue jobs that a crash left out: a process can die after it has stored a campaign or a bulk
 * action and before it has queued the work for it.
 */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';
import { startPeriodic } from '../../kit/periodic.ts';
import type { Stores } from '../stores.ts';

const EVERY_MS = 5000;

/** The newest campaigns that are checked: more than a day has, so the campaign of the day's webhooks is among them. */
const MAX_CAMPAIGNS = 1000;

type ReconcileStores = Pick<Stores, 'campaigns' | 'campaignQueue' | 'bulkActions'>;

/** Reconciles once before it returns, and then every few seconds. */
export async function startReconcile(stores: ReconcileStores, log: Logger): Promise<Part> {
  await reconcile(stores);
  return startPeriodic({
    name: 'reconcile',
    everyMs: EVERY_MS,
    firstAfterMs: EVERY_MS,
    work: () => reconcile(stores),
    log,
  });
}

/** Adding a job that is queued already has no effect. */
async function reconcile({ campaigns, campaignQueue, bulkActions }: ReconcileStores): Promise<void> {
  for (const campaign of await campaigns.list(MAX_CAMPAIGNS)) {
    const { id, resumes, status, inQueue } = campaign;
    if (needsFeed(campaign)) await campaignQueue.addFeed(id, resumes);
    if (status === 'stopped' && inQueue > 0) await campaignQueue.addClear(id, resumes);
  }
  for (const id of await bulkActions.openIds()) await campaignQueue.addBulkAction(id);
}

/** Returns whether a campaign has rows to read or jobs to requeue. */
export function needsFeed({ status, source, fed, parked }: Campaign): boolean {
  return status === 'running' && (parked > 0 || (source.kind === 'file' && !fed));
}

/**
 * Looks after the open campaigns: starts planned ones, adds queue jobs that a crash left out or that can never run again,
 * and closes campaigns of which nothing is left to do. A process can die after it has stored a campaign or a bulk action and before
 * it has queued the work for it.
 */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { formatDuration } from '../../domain/presentation/format.ts';
import { systemClock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';
import { startPeriodic } from '../../kit/periodic.ts';
import type { Stores } from '../stores.ts';

const EVERY_MS = 5000;
/** Campaigns closed in one run. */
const MAX_CLOSED = 500;

/** The campaign of a day's webhooks gets no requests after that day, in any time zone and with clocks that differ. */
const WEBHOOKS_OVER_MS = 3 * 86_400_000;

export type ReconcileStores = Pick<Stores, 'campaigns' | 'campaignQueue' | 'campaignSwitch' | 'bulkActions'>;

/** Reconciles once before it returns, and then every few seconds. */
export async function startReconcile(stores: ReconcileStores, log: Logger): Promise<Part> {
  const work = () => reconcile(stores, systemClock());
  await work();
  return startPeriodic({ name: 'reconcile', everyMs: EVERY_MS, firstAfterMs: EVERY_MS, work, log });
}

/** `now`: ms. */
export async function reconcile(stores: ReconcileStores, now: number): Promise<void> {
  const { campaigns, campaignQueue, campaignSwitch, bulkActions } = stores;
  const closable: Campaign[] = [];
  for (const campaign of await campaigns.listOpen()) {
    const { id, resumes, status, inQueue } = campaign;
    if (status === 'planned') await startIfDue(campaign, { campaignQueue, campaignSwitch }, now);
    else if (needsFeeder(campaign, now)) await campaignQueue.addFeed(id, resumes);
    else if (status === 'stopped' && inQueue > 0) await campaignQueue.addClear(id, resumes);
    else if (mayClose(campaign, now)) closable.push(campaign);
  }
  for (const id of await bulkActions.openIds()) await campaignQueue.addBulkAction(id);
  // Last, because nothing waits for it. The rest is closed by the next runs.
  const closing = closable.slice(0, MAX_CLOSED);
  await Promise.all(
    closing.map((campaign) => campaigns.close(campaign.id, { isOver: isOver(campaign, now), now })),
  );
}

/** Starts a planned campaign whose time has come; holds it if that was too long ago. */
async function startIfDue(
  { id, resumes, startAt = 0, startWindowMs = Infinity }: Campaign,
  { campaignQueue, campaignSwitch }: Pick<ReconcileStores, 'campaignQueue' | 'campaignSwitch'>,
  now: number,
): Promise<void> {
  if (now < startAt) return;
  if (now <= startAt + startWindowMs) {
    // After a crash in between, the campaign is running and not fed.
    if ((await campaignSwitch.start(id, startAt)) === 'running') await campaignQueue.addFeed(id, resumes);
    return;
  }
  const reason = `It was to start at ${new Date(startAt).toISOString()} and nothing could start it in the ${formatDuration(startWindowMs)} after that. To send it now, resume it.`;
  await campaignSwitch.start(id, startAt, { kind: 'late', reason, by: 'passbridge', at: now });
}

/** Returns whether a campaign waits for a feeder: to start at its time, to read its rows, or to requeue its jobs. */
export function needsFeeder(
  { status, source, fed, parked, startAt = Infinity }: Campaign,
  now: number,
): boolean {
  if (status === 'planned') return startAt <= now;
  return status === 'running' && (parked > 0 || (source.kind === 'file' && !fed));
}

/** Saves a script for most of the campaigns that are at work; the script decides. */
function mayClose(campaign: Campaign, now: number): boolean {
  const { status, writeBacks, writtenBack, writeBackFailures } = campaign;
  if (writeBacks > writtenBack + writeBackFailures) return false;
  return status === 'finished' || status === 'stopped' || isOver(campaign, now);
}

function isOver({ source, createdAt }: Campaign, now: number): boolean {
  return source.kind === 'webhooks' && createdAt < now - WEBHOOKS_OVER_MS;
}

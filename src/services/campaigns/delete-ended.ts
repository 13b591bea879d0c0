/**
 * Deletes campaigns that ended long ago, with all that is stored about them. A campaign stays while an operator may
 * still decide about it: while it is open, or holds failures (unknown outcomes among them) or unsent rows that
 * FAILURES_KEPT_DAYS has not deleted yet. Nothing of it remains in Redis; the log has its totals, and the audit log who
 * started it.
 */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { finalStates } from '../../domain/jobs/outcome.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Removal } from '../../ledger/campaigns/campaign-removal.ts';
import type { Stores } from '../stores.ts';

export type DeletionStores = Pick<
  Stores,
  'campaigns' | 'campaignRemoval' | 'failures' | 'bulkActions' | 'programVersions'
>;

/** Campaigns deleted in one run. */
const MAX_DELETED = 1000;
/** Campaigns looked at together. */
const PAGE = 100;

/** A version that was stored later may belong to a campaign that is being started. */
const VERSION_UNUSED_MS = 86_400_000;

/** One run: deletes campaigns that were closed before `before` (ms); returns their number. `now`: ms. */
export async function deleteEnded(
  stores: DeletionStores,
  { before, now, max = MAX_DELETED }: { before: number; now: number; max?: number },
  log: Logger,
): Promise<number> {
  const { campaignRemoval: removals } = stores;
  const deleted = new Set<string>();
  for (const removal of await removals.unfinished()) {
    await removals.finish(removal);
    deleted.add(removal.id);
  }
  // Campaigns that stay are skipped, those that are deleted move the others forward.
  for (let kept = 0; deleted.size < max;) {
    const ids = await removals.endedBefore(before, kept, Math.min(PAGE, max - deleted.size));
    if (ids.length === 0) break;
    for (const id of ids) {
      if (await deleteOne(stores, id, { before, log })) deleted.add(id);
      else kept += 1;
    }
  }
  if (deleted.size === 0) return 0;
  await stores.bulkActions.removeOf(deleted);
  await removeUnusedVersions(stores, now - VERSION_UNUSED_MS);
  return deleted.size;
}

async function deleteOne(
  stores: DeletionStores,
  id: string,
  { before, log }: { before: number; log: Logger },
): Promise<boolean> {
  const { campaigns, failures, campaignRemoval: removals } = stores;
  const campaign = await campaigns.find(id);
  // Read before the counts: a failure that is filed later opens the campaign first.
  const causes = await failures.causeIds(id);
  if (campaign === undefined || campaign.parked > 0 || (await failures.causes(id)).length > 0) return false;
  const { source } = campaign;
  const removal: Removal = {
    id,
    rows: campaign.read,
    causes,
    ...(source.kind === 'file' && { source: source.from }),
  };
  if (!(await removals.begin(removal, before))) return false;
  await removals.finish(removal);
  log.info({ event: 'campaign.deleted', ...totalsOf(campaign) }, 'ended long ago');
  return true;
}

async function removeUnusedVersions(
  { campaigns, programVersions }: DeletionStores,
  before: number,
): Promise<void> {
  const stored = await programVersions.savedBefore(before);
  if (stored.length === 0) return;
  const used = new Set<string>();
  for await (const page of campaigns.pages()) {
    for (const { programVersion } of page) if (programVersion !== undefined) used.add(programVersion);
  }
  for (const version of stored) if (!used.has(version)) await programVersions.remove(version, before);
}

/** Nothing that an operator typed: the log is kept longer. */
function totalsOf(campaign: Campaign) {
  const { id, program, action, createdAt, rows, stopped } = campaign;
  const states = Object.fromEntries(finalStates.map((state) => [state, campaign[state]]));
  return { campaign: id, program, action, createdAt, rows, ...states, stopped };
}

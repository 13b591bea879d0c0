/**
 * Deletes old failures: failed and discarded records, and parked jobs of stopped campaigns; then campaigns that ended
 * long ago. Each run sweeps a bounded number of campaigns, oldest first, and the next run continues behind them.
 */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import { systemClock } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { Part } from '../../../kit/part.ts';
import { startPeriodic } from '../../../kit/periodic.ts';
import { deleteEnded, type DeletionStores } from '../../campaigns/delete-ended.ts';
import type { Stores } from '../../stores.ts';
import { type LocationStores, searchedLocations } from './data-locations.ts';

const EVERY_MS = 60 * 60_000;
/** Covers the pause between two runs, so that one feeder remains the leader. */
const LEASE_MS = 2 * EVERY_MS;
/** Per run. A campaign is always swept completely. */
const MAX_CAMPAIGNS = 1000;
const MAX_ERASED = 20_000;

export interface Swept {
  erased: number;
  /** Index among the old campaigns at which the next run continues. */
  next: number;
}

/** Milliseconds that something is kept after its campaign has ended. */
export interface KeptMs {
  failures: number;
  campaigns: number;
}

/** Sweeps now and every hour, in one process at a time. */
export function startRetention(
  stores: LocationStores & DeletionStores & Pick<Stores, 'leases'>,
  keptMs: KeptMs,
  log: Logger,
): Part {
  let from = 0;
  return startPeriodic({
    name: 'retention',
    everyMs: EVERY_MS,
    leader: stores.leases.leader('retention', LEASE_MS),
    log,
    async work() {
      const now = systemClock();
      const { erased, next } = await sweepOld(stores, { before: now - keptMs.failures, from });
      from = next;
      if (erased > 0) log.info({ event: 'failures.swept', erased }, 'deleted old failures');
      // After the failures: a campaign that still holds some is kept.
      await deleteEnded(stores, { before: now - keptMs.campaigns, now }, log);
    },
  });
}

/** One run: deletes what is older than `before` (ms). Rows stay counted as they are; parked jobs end as skipped. */
export async function sweepOld(
  stores: LocationStores,
  { before, from, max = MAX_ERASED }: { before: number; from: number; max?: number },
): Promise<Swept> {
  // A campaign created later holds nothing older.
  const old = await stores.campaigns.allIds(before);
  const start = from < old.length ? from : 0;
  let erased = 0;
  let next = start;
  for (const id of old.slice(start, start + MAX_CAMPAIGNS)) {
    if (erased >= max) break;
    erased += await sweepCampaign(stores, id, before);
    next += 1;
  }
  return { erased, next };
}

async function sweepCampaign(stores: LocationStores, id: string, before: number): Promise<number> {
  const campaign = await stores.campaigns.find(id);
  if (campaign === undefined || !hasEnded(campaign)) return 0;
  let erased = 0;
  for (const { eraseExpired } of searchedLocations(stores)) {
    erased += (await eraseExpired?.(campaign, before)) ?? 0;
  }
  return erased;
}

/** The campaign of a day's webhooks never finishes, so its age decides. */
function hasEnded({ status, source }: Campaign): boolean {
  return status === 'finished' || status === 'stopped' || source.kind === 'webhooks';
}

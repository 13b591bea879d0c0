/**
 * Lets go of what failed long ago: records of failures, discarded ones too, and jobs that stopped
 * campaigns left parked. A bounded piece at each look, from the oldest campaign on and round again.
 */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import { systemClock } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { Part } from '../../../kit/part.ts';
import type { Stores } from '../../stores.ts';

type RetentionStores = Pick<Stores, 'campaigns' | 'failures' | 'parked' | 'erasure'>;

const LOOK_EVERY_MS = 60 * 60_000;
/** At one look; a campaign that is begun is gone through to its end. */
const MOST_CAMPAIGNS = 1000;
const MOST_ERASED = 20_000;

export interface Swept {
  erased: number;
  /** Where the next look goes on, among the old campaigns. */
  next: number;
}

/** Looks now and every hour. `keptMs`: how long it is kept. */
export function startRetention(stores: RetentionStores, keptMs: number, log: Logger): Part {
  let from = 0;
  const sweep = async () => {
    const { erased, next } = await sweepOld(stores, { before: systemClock() - keptMs, from });
    from = next;
    if (erased > 0) log.info({ event: 'failures.swept', erased }, 'old failures were let go of');
  };
  let sweeping = Promise.resolve();
  const look = () => {
    sweeping = sweep().catch((error: unknown) => log.error({ event: 'failures.not-swept', err: error }));
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    name: 'retention',
    async stop() {
      clearInterval(timer);
      await sweeping;
    },
  };
}

/** One look, at what is older than `before` (ms). Rows stay counted as they are; parked ones end as skipped. */
export async function sweepOld(
  stores: RetentionStores,
  { before, from, most = MOST_ERASED }: { before: number; from: number; most?: number },
): Promise<Swept> {
  // What began later has nothing older.
  const old = await stores.campaigns.allIds(before);
  const start = from < old.length ? from : 0;
  let erased = 0;
  let next = start;
  for (const id of old.slice(start, start + MOST_CAMPAIGNS)) {
    if (erased >= most) break;
    erased += await sweepCampaign(stores, id, before);
    next += 1;
  }
  return { erased, next };
}

async function sweepCampaign(stores: RetentionStores, id: string, before: number): Promise<number> {
  const campaign = await stores.campaigns.find(id);
  if (campaign === undefined || !hasEnded(campaign)) return 0;
  const { failures, erasure } = stores;
  let erased = 0;
  for (const { cause } of await failures.causes(id)) {
    for await (const page of failures.pages(id, cause.id)) {
      const old = page.filter(({ at }) => at < before);
      erased += await erasure.failures.erase(id, cause.id, old);
    }
  }
  for await (const page of erasure.failures.discarded(id)) {
    const old = page.filter(({ discard }) => discard.at < before);
    erased += await erasure.failures.eraseDiscarded(id, old);
  }
  return erased + (await sweepParked(stores, campaign, before));
}

/** A day of webhooks never finishes: it is over once it is old. */
function hasEnded({ status, source }: Campaign): boolean {
  return status === 'finished' || status === 'stopped' || source.kind === 'webhooks';
}

async function sweepParked(
  { parked, erasure }: RetentionStores,
  { id, status, halt }: Campaign,
  before: number,
): Promise<number> {
  if (status !== 'stopped' || halt === undefined || halt.at >= before) return 0;
  let erased = 0;
  for (const job of await parked.list(id)) if ((await erasure.job(job)) === 'erased') erased += 1;
  return erased;
}

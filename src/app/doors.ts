/** Hits on their way in: stored, answered, queued. Whoever got an answer is in Redis by then. */

import { systemClock } from '../kit/clock.ts';
import type { CampaignOrder } from '../job/campaign.ts';
import { dayCampaign } from '../job/hit.ts';
import { gather } from '../kit/gather.ts';
import type { Logger } from '../kit/logger.ts';
import type { Delivery, Receipt } from '../ledger/inbox.ts';
import type { Stores } from './stores.ts';

/** Stores a hit and has it queued ahead of every campaign. Rejects where it could not be stored in time. */
export type Receive = (delivery: Delivery) => Promise<Receipt>;

/** Hits in one script: some milliseconds of Redis's time. */
const MOST_TOGETHER = 250;
/** Bloomreach wants its answer within a second. */
const LONGEST_MS = 800;

export function openDoors({ redis, inbox, parked, passQueue }: Stores, log: Logger): Receive {
  const enqueue = async (campaign: string, receipts: readonly Receipt[]) => {
    const jobs = receipts.flatMap((receipt) => (receipt.kind === 'new' ? [receipt.job] : []));
    if (jobs.length === 0) return;
    await passQueue.add(jobs, 'webhook');
    await parked.markQueued(campaign, jobs);
  };

  const storeFor = async (order: CampaignOrder, deliveries: readonly Delivery[]) => {
    const receipts = await inbox.receive(order, deliveries);
    // They are stored: what is not queued now is found parked, by whoever feeds.
    enqueue(order.id, receipts).catch((error: unknown) =>
      log.error({ event: 'hits.not-queued', campaign: order.id, err: error }),
    );
    return receipts;
  };

  /** A gatherer for each of the day's campaigns; those of past days are few and small. */
  const gatherers = new Map<string, Receive>();
  const receive: Receive = (delivery) => {
    const order = dayCampaign(delivery.hit, systemClock());
    const known = gatherers.get(order.id);
    if (known !== undefined) return known(delivery);
    const added = gather({
      most: MOST_TOGETHER,
      work: (items: readonly Delivery[]) => storeFor(order, items),
    });
    gatherers.set(order.id, added);
    return added(delivery);
  };

  return async (delivery) => {
    // Commands would wait for its return, and whoever sent the hit would not.
    if (redis.status !== 'ready') throw new Error('Redis does not answer');
    return Promise.race([receive(delivery), tooLate()]);
  };
}

function tooLate(): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error('Redis took too long')), LONGEST_MS).unref();
  });
}

/** Hits and events on their way in: stored, answered, queued. Whoever got an answer is in Redis by then. */

import { systemClock } from '../../kit/clock.ts';
import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import { dayCampaign, type WebhookRequest } from '../../domain/jobs/webhook-request.ts';
import type { JobAnswer } from '../../domain/jobs/job-answer.ts';
import type { PassJob } from '../../domain/jobs/pass-job.ts';
import { dayOfEvents } from '../../domain/jobs/tracked-event.ts';
import { microBatch } from '../../kit/micro-batch.ts';
import type { Logger } from '../../kit/logger.ts';
import { untilConnected } from '../../kit/redis/redis.ts';
import type { EventDelivery, EventAck } from '../../ledger/intake/event-inbox.ts';
import type { Delivery, Received, BulkAction } from '../../ledger/intake/inbox.ts';
import type { Part } from '../../kit/part.ts';
import type { Stores } from '../stores.ts';

/** Stores a hit and has it queued ahead of every campaign. Rejects where it could not be stored in time. */
export type Receive = (delivery: Delivery) => Promise<BulkAction>;

/** Hits in one script: a few milliseconds of Redis's time. */
const MOST_TOGETHER = 250;
/** What a hit waits for others: at 10,000 a second ten come together, and nobody notices one that is alone. */
const TOGETHER_MS = 1;
/** Bloomreach wants its answer within a second. */
const LONGEST_MS = 800;
/**
 * Jobs of a day's campaign in the queue up to which hits go there at once. What comes on top is fed
 * in the order in which it came, by whoever feeds: see `campaign/hit-feeder.ts`, whose window is wider.
 */
const MOST_AT_ONCE = 1500;
/** A feeder is asked for at most so often; it takes all there is by then. */
const ASK_EVERY_MS = 500;

/** Stopping waits for hits that are stored and not yet queued. */
export interface Endpoints extends Part {
  receive: Receive;
  /** Stores an event, to be told to Bloomreach. Rejects where it could not be stored in time. */
  receiveEvent: (delivery: EventDelivery) => Promise<EventAck>;
  /** What came of a job that somebody waits for; undefined where nothing did within that many milliseconds. */
  answerTo: (job: string, ms: number) => Promise<JobAnswer | undefined>;
}

export function openIntake(stores: Stores, log: Logger): Endpoints {
  const { redis, connects, inbox, eventInbox, answers, parked, passQueue } = stores;
  const askForFeeder = makeAsking(stores);
  const queueing = new Set<Promise<void>>();

  const enqueue = async (campaign: string, { bulkActions, inQueue }: Received) => {
    const jobs = bulkActions.flatMap((bulkAction): PassJob[] =>
      bulkAction.kind === 'new' ? [bulkAction.job] : [],
    );
    // While it is halted they stay where they are.
    if (inQueue === undefined || jobs.length === 0) return;
    const now = jobs.slice(0, Math.max(0, MOST_AT_ONCE - inQueue));
    if (now.length > 0) {
      await untilConnected(connects, async () => {
        await passQueue.add(now, 'webhook');
        await parked.markQueued(campaign, now);
      });
    }
    if (now.length < jobs.length) await askForFeeder(campaign);
  };

  const store = async (deliveries: readonly Delivery[]): Promise<BulkAction[]> => {
    const [first] = deliveries;
    if (first === undefined) return [];
    const order: CampaignOrder = dayCampaign(first.request, systemClock());
    const received = await inTime(inbox.receive(order, deliveries));
    // They are stored: what is not queued now is found parked, by whoever feeds.
    const queued = enqueue(order.id, received)
      .catch((error: unknown) => log.error({ event: 'hits.not-queued', campaign: order.id, err: error }))
      .finally(() => queueing.delete(queued));
    queueing.add(queued);
    return received.bulkActions;
  };

  /** One for each program and action, whose hits of a moment belong to one campaign. */
  const gatherers = new Map<string, Receive>();
  const gathererFor = ({ program, action }: WebhookRequest): Receive => {
    const name = `${program} ${action}`;
    const known = gatherers.get(name);
    if (known !== undefined) return known;
    const added: Receive = microBatch({ most: MOST_TOGETHER, waitMs: TOGETHER_MS, work: store });
    gatherers.set(name, added);
    return added;
  };

  const storeEvent = microBatch({
    most: MOST_TOGETHER,
    waitMs: TOGETHER_MS,
    work: (deliveries: readonly EventDelivery[]) => {
      const now = systemClock();
      return inTime(eventInbox.receive(dayOfEvents(now), deliveries, now));
    },
  });

  /** Commands would wait for its return, and whoever sent something would not. */
  const refuseWithoutRedis = () => {
    if (redis.status !== 'ready') throw new Error('Redis does not answer');
  };

  return {
    name: 'doors',
    async receive(delivery) {
      refuseWithoutRedis();
      return gathererFor(delivery.request)(delivery);
    },
    async receiveEvent(delivery) {
      refuseWithoutRedis();
      return storeEvent(delivery);
    },
    answerTo: answers.waitFor,
    stop: () => Promise.all(queueing),
  };
}

/** Makes the function that has a campaign's parked hits fed. */
function makeAsking({ campaigns, campaignQueue }: Stores) {
  const askedAt = new Map<string, number>();
  return async (id: string) => {
    const now = systemClock();
    if (now - (askedAt.get(id) ?? 0) < ASK_EVERY_MS) return;
    askedAt.set(id, now);
    const campaign = await campaigns.find(id);
    if (campaign?.status === 'running') await campaignQueue.addFeed(id, campaign.resumes);
  };
}

/** Rejects where the work takes longer than whoever waits for it. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('Redis took too long')), LONGEST_MS);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

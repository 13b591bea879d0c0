/**
 * Intake of webhook requests and events: stores them durably, acknowledges them, and queues them. An acknowledged
 * request is in Redis.
 */

import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import { DIRECT_WINDOW } from '../../domain/campaigns/window.ts';
import type { JobAnswer } from '../../domain/jobs/outcome.ts';
import type { PassJob } from '../../domain/jobs/pass-job.ts';
import { dayCampaign, dayOfEvents, type WebhookRequest } from '../../domain/jobs/webhook-request.ts';
import { monotonicClock, systemClock } from '../../kit/clock.ts';
import { withDeadline } from '../../kit/deadline.ts';
import type { Logger } from '../../kit/logger.ts';
import { microBatch } from '../../kit/micro-batch.ts';
import type { Part } from '../../kit/part.ts';
import { repeatIfReconnected } from '../../kit/redis/redis.ts';
import type { EventAck, EventDelivery } from '../../ledger/intake/event-inbox.ts';
import type { Delivery, Received, WebhookAck } from '../../ledger/intake/inbox.ts';
import type { FindProgram } from '../programs/find-program.ts';
import type { Stores } from '../stores.ts';
import { makeProveCard } from './card-proofs.ts';

/** Stores a webhook request and queues its job with priority over every campaign. Rejects if it cannot be stored in time. */
export type Receive = (delivery: Delivery) => Promise<WebhookAck>;

/** Requests stored by one script, which takes Redis a few milliseconds. */
const MAX_BATCH = 250;
/** How long a request waits for others: at 10,000 a second ten share a script, and a single one is hardly delayed. */
const BATCH_WAIT_MS = 1;
/** Bloomreach's webhooks must be answered within a second. */
const STORE_TIMEOUT_MS = 800;
/** Minimum interval between feeds requested for one campaign; each feeds all that is parked by then. */
const FEED_INTERVAL_MS = 500;

/** `stop` waits for requests that are stored and not yet queued. */
export interface Intake extends Part {
  receive: Receive;
  /**
   * Proves the card that an event names, and stores the event to be forwarded to Bloomreach. Rejects if that takes too
   * long: the event is then sent again. Refuses an event that names a job of another customer.
   */
  receiveEvent: (delivery: EventDelivery) => Promise<EventAck | 'other-customer'>;
  /** Returns the result of a job; undefined if it has none within `ms`. */
  answerTo: (job: string, ms: number) => Promise<JobAnswer | undefined>;
}

export function openIntake(stores: Stores, findProgram: FindProgram, log: Logger): Intake {
  const { redis, connects, inbox, eventInbox, answers, parked, passQueue } = stores;
  const requestFeed = makeFeedRequest(stores);
  const prove = makeProveCard({ stores, findProgram, clock: systemClock, log });
  const queueing = new Set<Promise<void>>();

  /** When each script was sent that Redis has not answered yet. */
  const unanswered = new Set<{ since: number }>();
  const storeInTime = <T>(script: () => Promise<T>): Promise<T> =>
    inTime(async () => {
      const sent = { since: monotonicClock() };
      unanswered.add(sent);
      try {
        return await script();
      } finally {
        unanswered.delete(sent);
      }
    });

  const enqueue = async (campaign: string, { acks, inQueue }: Received) => {
    const jobs = acks.flatMap((ack): PassJob[] => (ack.kind === 'new' ? [ack.job] : []));
    // The jobs of a halted campaign stay parked.
    if (inQueue === undefined || jobs.length === 0) return;
    // The webhook feeder queues the rest, in the order of arrival.
    const direct = jobs.slice(0, Math.max(0, DIRECT_WINDOW - inQueue));
    if (direct.length > 0) {
      await repeatIfReconnected(connects, async () => {
        await passQueue.add(direct, 'webhook');
        await parked.markQueued(campaign, direct);
      });
    }
    if (direct.length < jobs.length) await requestFeed(campaign);
  };

  const store = async (deliveries: readonly Delivery[]): Promise<WebhookAck[]> => {
    const [first] = deliveries;
    if (first === undefined) return [];
    const order: CampaignOrder = dayCampaign(first.request, systemClock());
    const received = await storeInTime(() => inbox.receive(order, deliveries));
    // Not awaited: the jobs are stored, and a feeder finds those that fail to be queued among the parked ones.
    const queued = enqueue(order.id, received)
      .catch((error: unknown) => log.error({ event: 'webhooks.not-queued', campaign: order.id, err: error }))
      .finally(() => queueing.delete(queued));
    queueing.add(queued);
    return received.acks;
  };

  /** One batch per program and action: its requests belong to the same campaign. */
  const batches = new Map<string, Receive>();
  const batchFor = ({ program, action }: WebhookRequest): Receive => {
    const name = `${program} ${action}`;
    const existing = batches.get(name);
    if (existing !== undefined) return existing;
    const batch: Receive = microBatch({ maxSize: MAX_BATCH, waitMs: BATCH_WAIT_MS, work: store });
    batches.set(name, batch);
    return batch;
  };

  const storeEvent = microBatch({
    maxSize: MAX_BATCH,
    waitMs: BATCH_WAIT_MS,
    work: (deliveries: readonly EventDelivery[]) => {
      const day = dayOfEvents(systemClock());
      return storeInTime(() => eventInbox.receive(day, deliveries));
    },
  });

  /**
   * Without this check, ioredis would buffer the commands until Redis is back, long after the sender has given up. While
   * Redis hangs, senders repeat their requests, and each would be stored once more.
   */
  const assertAnswering = () => {
    if (redis.status !== 'ready') throw new Error('Redis is not connected');
    const overdueSince = monotonicClock() - STORE_TIMEOUT_MS;
    if ([...unanswered].some(({ since }) => since < overdueSince)) throw new Error('Redis does not answer');
  };

  return {
    name: 'intake',
    async receive(delivery) {
      assertAnswering();
      return batchFor(delivery.request)(delivery);
    },
    async receiveEvent(delivery) {
      assertAnswering();
      const { proof, ...event } = delivery;
      // First the proof, because a repeated event is recognized only once it is stored.
      if (proof !== undefined && (await inTime(() => prove(proof))) === 'other-customer') {
        return 'other-customer';
      }
      return storeEvent(event);
    },
    answerTo: answers.waitFor,
    stop: () => Promise.all(queueing),
  };
}

/** Returns a function that has a feeder queue a campaign's parked requests. */
function makeFeedRequest({ campaigns, campaignQueue }: Stores) {
  const requestedAt = new Map<string, number>();
  return async (id: string) => {
    const now = systemClock();
    if (now - (requestedAt.get(id) ?? 0) < FEED_INTERVAL_MS) return;
    requestedAt.set(id, now);
    const campaign = await campaigns.find(id);
    if (campaign?.status === 'running') await campaignQueue.addFeed(id, campaign.resumes);
  };
}

function inTime<T>(work: () => Promise<T>): Promise<T> {
  return withDeadline(STORE_TIMEOUT_MS, work, () => new Error('Redis did not answer in time'));
}

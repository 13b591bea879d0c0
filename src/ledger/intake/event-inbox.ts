/**
 * Stores events from Passmachine durably: one script assigns each its row in the day's campaign and puts it into
 * the outbox, with the time at which it happened.
 */

import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import { describeEvent } from '../../domain/customers/event-detail.ts';
import type { TimelineEntry } from '../../domain/customers/timeline.ts';
import type { CardProof } from '../../domain/jobs/card-proof.ts';
import type { TrackedEvent } from '../../domain/jobs/webhook-request.ts';
import { customerOfIds, type WriteBack } from '../../domain/jobs/write-back.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import { defineReplicatedScript, type ReplicationOptions } from '../../kit/redis/replicated-script.ts';
import { createCampaignLua } from '../campaigns/campaign-ledger.ts';
import { openCampaignLua } from '../campaigns/open-campaigns.ts';
import {
  ENTRY_ARGS,
  ENTRY_KEYS,
  packTimeline,
  recordTimelineLua,
  type TimelineWriter,
} from '../customers/timeline-writer.ts';
import type { LedgerKeys } from '../keys.ts';
import { redisTimeLua } from '../redis-time.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { idempotencyLua, idempotencyOf } from './idempotency.ts';

export interface EventDelivery {
  event: TrackedEvent;
  /** The sender's idempotency key, valid for 24 hours. */
  key?: string;
  /** The card that the event proves to exist, and its job. */
  proof?: CardProof;
  /** Whether the event carries its sender's time: then equal content is the same event. */
  timed: boolean;
}

export type EventAck = 'stored' | 'known' | 'conflict';

export interface EventInbox {
  /** Stores events of one campaign, which is created if needed, in one atomic step. Acknowledges in the order of the deliveries. */
  receive(order: CampaignOrder, deliveries: readonly EventDelivery[]): Promise<EventAck[]>;
}

const receiveKeys = scriptKeys(
  'campaign',
  'campaigns',
  'open',
  'ended',
  'serials',
  'settled',
  'outbox',
  'due',
);
const receiveArgs = scriptArgs('id', 'order', 'createdAt', 'count');

/**
 * A key (the idempotency key) and three arguments (content digest, TTL or 0, write-back) follow for each delivery,
 * then the keys and arguments of the timeline entries, if there are any.
 */
const receiveScript = `${createCampaignLua}${openCampaignLua}${idempotencyLua}${recordTimelineLua}${redisTimeLua}
${receiveKeys.lua}${receiveArgs.lua}
createCampaign(campaign, campaigns, open, serials, id, order, createdAt)
local rowsBefore, serial = unpack(redis.call('HMGET', campaign, 'rows', 'serial'))
local before = tonumber(rowsBefore)
local rows = before
local acks, now = {}, redisNow()
local firstEntry = ${receiveKeys.next} + count
for i = ${receiveKeys.next}, firstEntry - 1 do
  local nth = i - ${receiveKeys.next}
  local a = ${receiveArgs.next} + nth * 3
  local content, ttl, writeBack = unpack(ARGV, a, a + 2)
  local earlier = ttl ~= '0' and findRepeat(KEYS[i], content)
  if earlier then
    acks[#acks + 1] = earlier == '' and 'conflict' or 'known'
  else
    rows = rows + 1
    local event = id .. '-' .. rows
    local identity = '{"id":"' .. event .. '","campaign":"' .. id .. '","row":' .. rows .. ',"at":' .. now .. ','
    redis.call('SETBIT', settled, rows, 1)
    redis.call('HSET', outbox, event, identity .. writeBack:sub(2))
    redis.call('ZADD', due, now, event)
    if ttl ~= '0' then remember(KEYS[i], event, content, ttl) end
    if KEYS[firstEntry] then
      recordEvent(firstEntry + nth * ${ENTRY_KEYS}, ${receiveArgs.next} + count * 3 + nth * ${ENTRY_ARGS}, serial, rows)
    end
    acks[#acks + 1] = 'stored'
  end
end
-- All its rows have ended, so there is nothing to halt.
redis.call('HSET', campaign, 'rows', rows, 'fed', 1)
redis.call('HINCRBY', campaign, 'done', rows - before)
redis.call('HINCRBY', campaign, 'writeBacks', rows - before)
openCampaign(open, ended, id)
return acks`;

/**
 * `timeline`: absent if the customer index is off. `replicas`: those that must acknowledge an event before it counts
 * as stored; absent for none.
 */
export function makeEventInbox(
  redis: RedisConnection,
  keys: LedgerKeys,
  {
    timeline,
    replicas,
  }: { timeline?: TimelineWriter | undefined; replicas?: ReplicationOptions | undefined } = {},
): EventInbox {
  const receive = defineReplicatedScript(redis, replicas, 'receiveEvents', receiveScript);
  return {
    async receive(order, deliveries) {
      const { id } = order;
      const packed = deliveries.map(pack);
      const entries = packTimeline(
        timeline,
        deliveries.map(({ event }) => entryOf(event, id)),
      );
      return (await receive(
        [
          ...receiveKeys.pack({
            campaign: keys.campaign(id),
            campaigns: keys.campaigns,
            open: keys.openCampaigns,
            ended: keys.endedCampaigns,
            serials: keys.campaignSerials,
            settled: keys.settled(id),
            outbox: keys.outbox,
            due: keys.outboxDue,
          }),
          ...packed.map(({ key }) => keys.webhookRequest(key)),
          ...entries.keys,
        ],
        [
          ...receiveArgs.pack({
            id,
            order: JSON.stringify(order),
            createdAt: order.createdAt,
            count: deliveries.length,
          }),
          ...packed.flatMap(({ content, ttlMs, json }) => [content, ttlMs, json]),
          ...entries.args,
        ],
      )) as EventAck[];
    },
  };
}

function pack({ event, key, timed }: EventDelivery) {
  const writeBack: Omit<WriteBack, 'id' | 'campaign' | 'row' | 'at'> = {
    name: 'customers/events',
    data: event,
    refusals: 0,
  };
  const idempotency = idempotencyOf(JSON.stringify(event), key === undefined ? undefined : `event ${key}`);
  // Without a time or a key, two equal events may be two occurrences.
  const isIdentifiable = timed || key !== undefined;
  return {
    json: JSON.stringify(writeBack),
    ...idempotency,
    ttlMs: isIdentifiable ? idempotency.ttlMs : 0,
  };
}

function entryOf({ customer_ids: ids, properties }: TrackedEvent, campaign: string): TimelineEntry {
  return { customer: customerOfIds(ids), kind: 'event', campaign, detail: describeEvent(properties) };
}

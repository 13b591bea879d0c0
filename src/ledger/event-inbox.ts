/**
 * Takes Passmachine's events in so that they cannot be lost: one script gives each its row in the
 * day's campaign and puts it into the outbox, with the time at which it happened.
 */

import type { Redis } from 'ioredis';
import type { CampaignOrder } from '../job/campaign.ts';
import type { TrackedEvent } from '../job/tracked-event.ts';
import type { WriteBack } from '../job/write-back.ts';
import { defineScript } from '../kit/redis.ts';
import { createCampaignLua } from './campaign-ledger.ts';
import type { LedgerKeys } from './keys.ts';
import { markOf, repeatsLua } from './repeats.ts';

export interface EventDelivery {
  event: TrackedEvent;
  /** What its sender calls it, for 24 hours. */
  key?: string;
  /** Whether its time is its sender's: the same content at the same time is the same event. */
  timed: boolean;
}

export type EventReceipt = 'stored' | 'known' | 'conflict';

export interface EventInbox {
  /** Stores events of one campaign, which is made if need be, all in one step. In the order of the deliveries. */
  receive(order: CampaignOrder, deliveries: readonly EventDelivery[], now: number): Promise<EventReceipt[]>;
}

/** Keys that stand before those of the deliveries, and arguments. */
const FIRST_KEY = 7;
const FIRST_ARG = 5;

const receiveScript = `${createCampaignLua}${repeatsLua}
local campaign, campaigns, lastSerial, settled, outbox, due = unpack(KEYS)
local id, order, createdAt, now = unpack(ARGV)
createCampaign(campaign, campaigns, lastSerial, id, order, createdAt)
local before = tonumber(redis.call('HGET', campaign, 'rows'))
local rows = before
local receipts = {}
for i = ${FIRST_KEY}, #KEYS do
  local at = ${FIRST_ARG} + (i - ${FIRST_KEY}) * 3
  local content, life, entry = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local standing = life ~= '0' and known(KEYS[i], content)
  if standing then
    receipts[#receipts + 1] = standing == '' and 'conflict' or 'known'
  else
    rows = rows + 1
    local event = id .. '-' .. rows
    local place = '{"id":"' .. event .. '","campaign":"' .. id .. '","row":' .. rows .. ','
    redis.call('SETBIT', settled, rows, 1)
    redis.call('HSET', outbox, event, place .. entry:sub(2))
    redis.call('ZADD', due, now, event)
    if life ~= '0' then remember(KEYS[i], event, content, life) end
    receipts[#receipts + 1] = 'stored'
  end
end
-- Whatever there is of it has ended: nothing is left to be halted.
redis.call('HSET', campaign, 'rows', rows, 'fed', 1)
redis.call('HINCRBY', campaign, 'done', rows - before)
redis.call('HINCRBY', campaign, 'saves', rows - before)
return receipts`;

export function makeEventInbox(redis: Redis, keys: LedgerKeys): EventInbox {
  const receive = defineScript(redis, 'receiveEvents', receiveScript);
  return {
    async receive(order, deliveries, now) {
      const { id } = order;
      const packed = deliveries.map((delivery) => pack(delivery, now));
      return (await receive(
        [
          keys.campaign(id),
          keys.campaigns,
          keys.campaignSerial,
          keys.settled(id),
          keys.outbox,
          keys.outboxDue,
          ...packed.map(({ key }) => keys.hit(key)),
        ],
        [
          id,
          JSON.stringify(order),
          order.createdAt,
          now,
          ...packed.flatMap(({ content, lifeMs, json }) => [content, lifeMs, json]),
        ],
      )) as EventReceipt[];
    },
  };
}

function pack({ event, key, timed }: EventDelivery, now: number) {
  const entry: Omit<WriteBack, 'id' | 'campaign' | 'row'> = {
    name: 'customers/events',
    data: event,
    at: now,
    refusals: 0,
  };
  const mark = markOf(JSON.stringify(event), key === undefined ? undefined : `event ${key}`);
  const isMarked = timed || key !== undefined;
  return { json: JSON.stringify(entry), ...mark, lifeMs: isMarked ? mark.lifeMs : 0 };
}

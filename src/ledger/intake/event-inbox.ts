/**
 * Takes Passmachine's events in so that they cannot be lost: one script gives each its row in the
 * day's campaign and puts it into the outbox, with the time at which it happened.
 */

import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import type { TrackedEvent } from '../../domain/jobs/tracked-event.ts';
import type { TimelineEntry } from '../../domain/customers/timeline.ts';
import { customerOfIds, type WriteBack } from '../../domain/jobs/write-back.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import { defineConfirmedScript, type Replicas } from '../../kit/redis/replicas.ts';
import { createCampaignLua } from '../campaigns/campaign-ledger.ts';
import type { LedgerKeys } from '../keys.ts';
import {
  NOTE_ARGS,
  NOTE_KEYS,
  timelineLua,
  notesOf,
  type TimelineWrites,
} from '../customers/timeline-writes.ts';
import { markOf, repeatsLua } from './repeats.ts';

export interface EventDelivery {
  event: TrackedEvent;
  /** What its sender calls it, for 24 hours. */
  key?: string;
  /** Whether its time is its sender's: the same content at the same time is the same event. */
  timed: boolean;
}

export type EventAck = 'stored' | 'known' | 'conflict';

export interface EventInbox {
  /** Stores events of one campaign, which is made if need be, all in one step. In the order of the deliveries. */
  receive(order: CampaignOrder, deliveries: readonly EventDelivery[], now: number): Promise<EventAck[]>;
}

/** Keys that stand before those of the deliveries, and arguments. */
const FIRST_KEY = 7;
const FIRST_ARG = 6;

/** Keys and arguments of what is put down about the customers follow those of the deliveries, where it is. */
const receiveScript = `${createCampaignLua}${repeatsLua}${timelineLua}
local campaign, campaigns, serials, settled, outbox, due = unpack(KEYS)
local id, order, createdAt, now, count = unpack(ARGV)
createCampaign(campaign, campaigns, serials, id, order, createdAt)
local rowsBefore, serial = unpack(redis.call('HMGET', campaign, 'rows', 'serial'))
local before = tonumber(rowsBefore)
local rows = before
local receipts = {}
local firstNote = ${FIRST_KEY} + count
for i = ${FIRST_KEY}, firstNote - 1 do
  local nth = i - ${FIRST_KEY}
  local at = ${FIRST_ARG} + nth * 3
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
    if KEYS[firstNote] then
      notePerson(firstNote + nth * ${NOTE_KEYS}, ${FIRST_ARG} + count * 3 + nth * ${NOTE_ARGS}, serial, rows)
    end
    receipts[#receipts + 1] = 'stored'
  end
end
-- Whatever there is of it has ended: nothing is left to be halted.
redis.call('HSET', campaign, 'rows', rows, 'fed', 1)
redis.call('HINCRBY', campaign, 'done', rows - before)
redis.call('HINCRBY', campaign, 'saves', rows - before)
return receipts`;

/**
 * `people`: absent where no index of them is kept. `replicas`: those that have to have an event before
 * it counts as stored; absent for none.
 */
export function makeEventInbox(
  redis: RedisConnection,
  keys: LedgerKeys,
  { people, replicas }: { people?: TimelineWrites | undefined; replicas?: Replicas | undefined } = {},
): EventInbox {
  const receive = defineConfirmedScript(redis, replicas, 'receiveEvents', receiveScript);
  return {
    async receive(order, deliveries, now) {
      const { id } = order;
      const packed = deliveries.map((delivery) => pack(delivery, now));
      const notes = notesOf(
        people,
        deliveries.map(({ event }) => newsOfEvent(event, id)),
      );
      return (await receive(
        [
          keys.campaign(id),
          keys.campaigns,
          keys.campaignSerials,
          keys.settled(id),
          keys.outbox,
          keys.outboxDue,
          ...packed.map(({ key }) => keys.request(key)),
          ...notes.keys,
        ],
        [
          id,
          JSON.stringify(order),
          order.createdAt,
          now,
          deliveries.length,
          ...packed.flatMap(({ content, lifeMs, json }) => [content, lifeMs, json]),
          ...notes.args,
        ],
      )) as EventAck[];
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

/** Characters of what is kept of an event. */
const LONGEST_LOG_FIELD = 80;

function newsOfEvent({ customer_ids: ids, properties }: TrackedEvent, campaign: string): TimelineEntry {
  const logFields = Object.entries(properties)
    .flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [`${name}: ${value}`] : [],
    )
    .join(', ');
  return {
    customer: customerOfIds(ids),
    what: 'event',
    campaign,
    note: logFields.slice(0, LONGEST_LOG_FIELD),
  };
}

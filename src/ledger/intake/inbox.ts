/**
 * Stores webhook requests durably: one script assigns each its row in the day's campaign and parks its job, which
 * the feeder then queues. Repeated requests are recognized by their key or content.
 */

import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import { rowJobId } from '../../domain/jobs/job-id.ts';
import { finalStates } from '../../domain/jobs/outcome.ts';
import type { PassJob } from '../../domain/jobs/pass-job.ts';
import type { WebhookRequest } from '../../domain/jobs/webhook-request.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import { defineReplicatedScript, type ReplicationOptions } from '../../kit/redis/replicated-script.ts';
import { createCampaignLua } from '../campaigns/campaign-ledger.ts';
import { openCampaignLua } from '../campaigns/open-campaigns.ts';
import { nextOrderLua } from '../jobs/card-changes.ts';
import { parkLua } from '../jobs/parked-jobs.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { idempotencyLua, idempotencyOf } from './idempotency.ts';

export interface Delivery {
  request: WebhookRequest;
  /**
   * The sender's idempotency key for this program and action. For 24 hours, the same key with the same content is a
   * repeat, and with different content a conflict. Without a key, equal content is a repeat for ten minutes.
   */
  key?: string;
}

export type WebhookAck =
  /** Stored by this call; the job waits to be queued. */
  | { kind: 'new'; job: PassJob }
  /** A repeat; `id`: the job of the earlier request. */
  | { kind: 'known'; id: string }
  /** The key was used with different content. */
  | { kind: 'conflict' };

export interface Received {
  /** In the order of the deliveries. */
  acks: WebhookAck[];
  /** Jobs of the campaign in the queue; undefined if the campaign is not running. */
  inQueue: number | undefined;
}

export interface Inbox {
  /** Stores requests of one campaign, which is created if needed, in one atomic step. */
  receive(order: CampaignOrder, deliveries: readonly Delivery[]): Promise<Received>;
}

const receiveKeys = scriptKeys('changeOrder', 'campaign', 'campaigns', 'open', 'ended', 'serials', 'parked');
const receiveArgs = scriptArgs('id', 'order', 'createdAt');

/** A key (the idempotency key) and three arguments (content digest, TTL, job) follow for each delivery. */
const receiveScript = `${createCampaignLua}${openCampaignLua}${parkLua}${nextOrderLua}${idempotencyLua}
${receiveKeys.lua}${receiveArgs.lua}
createCampaign(campaign, campaigns, open, serials, id, order, createdAt)
local status, rows, generations = unpack(redis.call('HMGET', campaign, 'status', 'rows', 'generations'))
local inQueue = rows - redis.call('HLEN', parked)
for _, ended in ipairs(redis.call('HMGET', campaign, ${finalStates.map((state) => `'${state}'`).join(', ')})) do
  inQueue = inQueue - (ended or 0)
end
local order = nextOrder(changeOrder, #KEYS)
local acks = { status == 'running' and math.max(inQueue, 0) or false }
for i = ${receiveKeys.next}, #KEYS do
  local a = ${receiveArgs.next} + (i - ${receiveKeys.next}) * 3
  local content, ttl, job = unpack(ARGV, a, a + 2)
  local earlier = findRepeat(KEYS[i], content)
  if earlier then
    acks[#acks + 1] = earlier
  else
    rows, generations = rows + 1, (generations or 0) + 1
    local jobId = id .. '-' .. rows
    local identity = '{"id":"' .. jobId .. '","campaign":"' .. id .. '","row":' .. rows .. ',"order":' .. order .. ','
    parkAs(generations, parked, jobId, identity .. job:sub(2))
    remember(KEYS[i], jobId, content, ttl)
    acks[#acks + 1] = { rows, generations, order }
    order = string.format('%.0f', order + 1)
  end
end
redis.call('HSET', campaign, 'rows', rows, 'generations', generations or 0)
openCampaign(open, ended, id)
return acks`;

/** `replicas`: those that must acknowledge a request before it counts as stored; absent for none. */
export function makeInbox(redis: RedisConnection, keys: LedgerKeys, replicas?: ReplicationOptions): Inbox {
  const receive = defineReplicatedScript(redis, replicas, 'receiveWebhookRequests', receiveScript);
  return {
    async receive(order, deliveries) {
      const { id } = order;
      const packed = deliveries.map(pack);
      const [inQueue, ...acks] = (await receive(
        [
          ...receiveKeys.pack({
            changeOrder: keys.changeOrder,
            campaign: keys.campaign(id),
            campaigns: keys.campaigns,
            open: keys.openCampaigns,
            ended: keys.endedCampaigns,
            serials: keys.campaignSerials,
            parked: keys.parked(id),
          }),
          ...packed.map(({ key }) => keys.webhookRequest(key)),
        ],
        [
          ...receiveArgs.pack({ id, order: JSON.stringify(order), createdAt: order.createdAt }),
          ...packed.flatMap(({ content, ttlMs, json }) => [content, ttlMs, json]),
        ],
      )) as [number | null, ...(string | [row: number, generation: number, order: string])[]];
      return {
        inQueue: inQueue ?? undefined,
        acks: acks.map((ack, index): WebhookAck => {
          const request = deliveries[index]?.request;
          if (request === undefined || ack === '') return { kind: 'conflict' };
          if (typeof ack === 'string') return { kind: 'known', id: ack };
          const [row, generation, position] = ack;
          return {
            kind: 'new',
            job: {
              ...request,
              campaign: id,
              id: rowJobId(id, row),
              row,
              generation,
              order: Number(position),
            },
          };
        }),
      };
    },
  };
}

function pack({ request, key }: Delivery) {
  const json = JSON.stringify(request);
  // A request is the same whether or not its sender waits for the result.
  const content = request.awaited === true ? JSON.stringify({ ...request, awaited: undefined }) : json;
  const senderKey = key === undefined ? undefined : `${request.program} ${request.action} ${key}`;
  return { json, ...idempotencyOf(content, senderKey) };
}

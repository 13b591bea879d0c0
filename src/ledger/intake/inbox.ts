/**
 * Takes hits in so that they cannot be lost: one script gives each its row in the day's campaign
 * and parks its job, from where the queue gets it. The same hit again is found by its key.
 */

import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import type { WebhookRequest } from '../../domain/jobs/webhook-request.ts';
import { rowJobId } from '../../domain/jobs/job-id.ts';
import { finalStates } from '../../domain/jobs/outcome.ts';
import type { PassJob } from '../../domain/jobs/pass-job.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import { defineConfirmedScript, type Replicas } from '../../kit/redis/replicas.ts';
import { createCampaignLua } from '../campaigns/campaign-ledger.ts';
import type { LedgerKeys } from '../keys.ts';
import { parkLua } from '../jobs/parked-jobs.ts';
import { markOf, repeatsLua } from './repeats.ts';

export interface Delivery {
  request: WebhookRequest;
  /**
   * What its sender calls it, for this program and action: with the same content it is the same hit
   * for 24 hours, with another it is a mistake. Without a key the same content is the same hit, for
   * ten minutes.
   */
  key?: string;
}

export type BulkAction =
  /** Stored now; the job waits to be queued. */
  | { kind: 'new'; job: PassJob }
  /** Stored before. */
  | { kind: 'known'; id: string }
  /** The key was used for another content. */
  | { kind: 'conflict' };

export interface Received {
  /** In the order of the deliveries. */
  bulkActions: BulkAction[];
  /** Jobs of the campaign that were in the queue by then; undefined where the campaign does not run. */
  inQueue: number | undefined;
}

export interface Inbox {
  /** Stores hits of one campaign, which is made if need be, all in one step. */
  receive(order: CampaignOrder, deliveries: readonly Delivery[]): Promise<Received>;
}

/** Keys that stand before those of the deliveries, and arguments. */
const FIRST_KEY = 5;
const FIRST_ARG = 4;

const receiveScript = `${createCampaignLua}${parkLua}${repeatsLua}
local campaign, campaigns, serials, parked = unpack(KEYS)
local id, order, createdAt = unpack(ARGV)
createCampaign(campaign, campaigns, serials, id, order, createdAt)
local status, rows, parks = unpack(redis.call('HMGET', campaign, 'status', 'rows', 'parks'))
local inQueue = rows - redis.call('HLEN', parked)
for _, ended in ipairs(redis.call('HMGET', campaign, ${finalStates.map((state) => `'${state}'`).join(', ')})) do
  inQueue = inQueue - (ended or 0)
end
local receipts = { status == 'running' and math.max(inQueue, 0) or false }
for i = ${FIRST_KEY}, #KEYS do
  local at = ${FIRST_ARG} + (i - ${FIRST_KEY}) * 3
  local content, life, job = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local before = known(KEYS[i], content)
  if before then
    receipts[#receipts + 1] = before
  else
    rows, parks = rows + 1, (parks or 0) + 1
    local jobId = id .. '-' .. rows
    local place = '{"id":"' .. jobId .. '","campaign":"' .. id .. '","row":' .. rows .. ','
    parkAs(parks, parked, jobId, place .. job:sub(2))
    remember(KEYS[i], jobId, content, life)
    receipts[#receipts + 1] = { rows, parks }
  end
end
redis.call('HSET', campaign, 'rows', rows, 'parks', parks or 0)
return receipts`;

/** `replicas`: those that have to have a hit before it counts as stored; absent for none. */
export function makeInbox(redis: RedisConnection, keys: LedgerKeys, replicas?: Replicas): Inbox {
  const receive = defineConfirmedScript(redis, replicas, 'receiveHits', receiveScript);
  return {
    async receive(order, deliveries) {
      const { id } = order;
      const packed = deliveries.map(pack);
      const [inQueue, ...bulkActions] = (await receive(
        [
          keys.campaign(id),
          keys.campaigns,
          keys.campaignSerials,
          keys.parked(id),
          ...packed.map(({ key }) => keys.request(key)),
        ],
        [
          id,
          JSON.stringify(order),
          order.createdAt,
          ...packed.flatMap(({ content, lifeMs, json }) => [content, lifeMs, json]),
        ],
      )) as [number | null, ...(string | [row: number, round: number])[]];
      return {
        inQueue: inQueue ?? undefined,
        bulkActions: bulkActions.map((bulkAction, index): BulkAction => {
          const request = deliveries[index]?.request;
          if (request === undefined || bulkAction === '') return { kind: 'conflict' };
          if (typeof bulkAction === 'string') return { kind: 'known', id: bulkAction };
          const [row, round] = bulkAction;
          return { kind: 'new', job: { ...request, campaign: id, id: rowJobId(id, row), row, round } };
        }),
      };
    },
  };
}

function pack({ request, key }: Delivery) {
  const json = JSON.stringify(request);
  // Whether its sender waits makes it no other hit.
  const content = request.awaited === true ? JSON.stringify({ ...request, awaited: undefined }) : json;
  return {
    json,
    ...markOf(content, key === undefined ? undefined : `${request.program} ${request.action} ${key}`),
  };
}

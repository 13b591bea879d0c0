/**
 * What a bulk action does with one failure: retry a job, retry a write-back, or discard. Each is one atomic script
 * that removes the record from the index and counts it in the bulk action, so it happens once, however often it is
 * requested, and must not happen after the bulk action was cancelled.
 */

import {
  type Discard,
  type DiscardedRecord,
  type FailedJob,
  type FailedRecord,
  type FailedWriteBack,
  jobIdOf,
  rowOf,
} from '../../domain/failures/failed.ts';
import { timelineEntryOf, type TimelineEntry } from '../../domain/customers/timeline.ts';
import type { PassJob } from '../../domain/jobs/pass-job.ts';
import { timelineEntryOfWriteBack } from '../../domain/jobs/write-back.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { packTimeline, recordTimelineLua, type TimelineWriter } from '../customers/timeline-writer.ts';
import { nextOrderLua } from '../jobs/card-changes.ts';
import { parkedForm, parkLua } from '../jobs/parked-jobs.ts';
import { openCampaignLua } from '../campaigns/open-campaigns.ts';
import type { LedgerKeys } from '../keys.ts';
import { redisTimeLua } from '../redis-time.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';

/** The ids of the cause under which a record is filed, and of the bulk action that deals with it. */
export interface FailureRef {
  cause: string;
  bulkAction: string;
}

/** Each returns false if the record is gone, or if the bulk action is not running. */
export interface FailureActions {
  /**
   * Makes a failed job pending again and parks it for queuing; `as`: the job to queue instead, e.g. with edited
   * attributes. It uses the current version of its program, which may have been fixed meanwhile.
   */
  reopen(record: FailedJob, ref: FailureRef, as?: PassJob): Promise<boolean>;
  /** Puts a refused write-back back into the outbox, with its time, so that it cannot overwrite a newer one. */
  retryWriteBack(record: FailedWriteBack, ref: FailureRef): Promise<boolean>;
  /** Moves a failure to the discarded ones; its row stays counted as it is. */
  discard(campaign: string, record: FailedRecord, ref: FailureRef, discard: Discard): Promise<boolean>;
}

/**
 * Lua function: removes a record from its cause and counts it in the bulk action. Leaves a record with a different
 * time alone: it is a later failure of the same job.
 */
const takeLua = `
local function take(bulkAction, failed, id, at)
  if redis.call('HGET', bulkAction, 'status') ~= 'running' then return false end
  local stored = redis.call('HGET', failed, id)
  if not stored or cjson.decode(stored).at ~= tonumber(at) then return false end
  redis.call('HDEL', failed, id)
  redis.call('HINCRBY', bulkAction, 'done', 1)
  return true
end`;

const reopenKeys = scriptKeys(
  'changeOrder',
  'campaign',
  'settled',
  'inFlight',
  'failed',
  'parked',
  'bulkAction',
  'open',
  'ended',
);
const reopenArgs = scriptArgs('id', 'at', 'row', 'state', 'job', 'campaignId', 'isEdited');
const reopenScript = `${takeLua}${parkLua}${nextOrderLua}${recordTimelineLua}${openCampaignLua}
${reopenKeys.lua}${reopenArgs.lua}
if not take(bulkAction, failed, id, at) then return 0 end
redis.call('SETBIT', settled, row, 0)
redis.call('HINCRBY', campaign, state, -1)
if redis.call('GET', inFlight) == '?' .. id then redis.call('DEL', inFlight) end
-- Edited data is as new as its edit; a plain retry keeps its order.
if isEdited == '1' then job = '{"order":' .. nextOrder(changeOrder, 1) .. ',' .. job:sub(2) end
park(campaign, parked, id, job)
openCampaign(open, ended, campaignId)
recordEvents(${reopenKeys.next}, ${reopenArgs.next}, campaign)
return 1`;

const retryKeys = scriptKeys('campaign', 'failed', 'outbox', 'due', 'bulkAction', 'open', 'ended');
const retryArgs = scriptArgs('id', 'at', 'writeBack', 'campaignId');
const retryWriteBackScript = `${takeLua}${recordTimelineLua}${openCampaignLua}${redisTimeLua}
${retryKeys.lua}${retryArgs.lua}
if not take(bulkAction, failed, id, at) then return 0 end
redis.call('HINCRBY', bulkAction, 'writeBacks', 1)
redis.call('HINCRBY', campaign, 'writeBackFailures', -1)
redis.call('HSET', outbox, id, writeBack)
redis.call('ZADD', due, redisNow(), id)
openCampaign(open, ended, campaignId)
recordEvents(${retryKeys.next}, ${retryArgs.next}, campaign)
return 1`;

const discardKeys = scriptKeys('failed', 'discarded', 'bulkAction', 'campaign');
const discardArgs = scriptArgs('id', 'at', 'record');
const discardScript = `${takeLua}${recordTimelineLua}
${discardKeys.lua}${discardArgs.lua}
if not take(bulkAction, failed, id, at) then return 0 end
redis.call('HSET', discarded, id, record)
recordEvents(${discardKeys.next}, ${discardArgs.next}, campaign)
return 1`;

/** `timeline`: absent if the customer index is off. */
export function makeFailureActions(
  redis: RedisConnection,
  keys: LedgerKeys,
  timeline?: TimelineWriter,
): FailureActions {
  const reopen = defineScript(redis, 'reopenJob', reopenScript);
  const retryWriteBack = defineScript(redis, 'retryWriteBack', retryWriteBackScript);
  const discard = defineScript(redis, 'discardFailure', discardScript);

  return {
    async reopen({ job, state, at }, { cause, bulkAction }, as = job) {
      const { campaign, id, row } = job;
      const isEdited = JSON.stringify(as) !== JSON.stringify(job);
      const packed = packTimeline(timeline, [timelineEntryOf(job, eventOf(bulkAction))]);
      const reply = await reopen(
        [
          ...reopenKeys.pack({
            changeOrder: keys.changeOrder,
            campaign: keys.campaign(campaign),
            settled: keys.settled(campaign),
            inFlight: keys.inFlight(job),
            failed: keys.failed(campaign, cause),
            parked: keys.parked(campaign),
            bulkAction: keys.bulkAction(bulkAction),
            open: keys.openCampaigns,
            ended: keys.endedCampaigns,
          }),
          ...packed.keys,
        ],
        [
          ...reopenArgs.pack({
            id,
            at,
            row,
            state,
            job: parkedForm({
              ...(isEdited ? withoutOrder(as) : as),
              attempts: 0,
              latestProgram: true,
              bulkAction,
            }),
            campaignId: campaign,
            isEdited: isEdited ? 1 : 0,
          }),
          ...packed.args,
        ],
      );
      return reply === 1;
    },
    async retryWriteBack({ writeBack, at }, { cause, bulkAction }) {
      const { campaign, id } = writeBack;
      const packed = packTimeline(timeline, [timelineEntryOfWriteBack(writeBack, eventOf(bulkAction))]);
      const reply = await retryWriteBack(
        [
          ...retryKeys.pack({
            campaign: keys.campaign(campaign),
            failed: keys.failed(campaign, cause),
            outbox: keys.outbox,
            due: keys.outboxDue,
            bulkAction: keys.bulkAction(bulkAction),
            open: keys.openCampaigns,
            ended: keys.endedCampaigns,
          }),
          ...packed.keys,
        ],
        [
          ...retryArgs.pack({
            id,
            at,
            writeBack: JSON.stringify({ ...writeBack, refusals: 0 }),
            campaignId: campaign,
          }),
          ...packed.args,
        ],
      );
      return reply === 1;
    },
    async discard(campaign, record, { cause, bulkAction }, why) {
      const discarded: DiscardedRecord = { ...record, discard: why };
      const packed = packTimeline(timeline, entriesOf(record, eventOf(bulkAction)));
      const reply = await discard(
        [
          ...discardKeys.pack({
            failed: keys.failed(campaign, cause),
            discarded: keys.discarded(campaign),
            bulkAction: keys.bulkAction(bulkAction),
            campaign: keys.campaign(campaign),
          }),
          ...packed.keys,
        ],
        [
          ...discardArgs.pack({
            id: jobIdOf(record) ?? rowOf(record),
            at: record.at,
            record: JSON.stringify(discarded),
          }),
          ...packed.args,
        ],
      );
      return reply === 1;
    },
  };
}

/** The script gives an edited job a new order. */
function withoutOrder({ order: _order, ...job }: PassJob): PassJob {
  return job;
}

const eventOf = (bulkAction: string) => ({ kind: 'bulk-action', detail: bulkAction }) as const;

/** A row rejected when it was read has no known customer. */
function entriesOf(record: FailedRecord, event: Pick<TimelineEntry, 'kind' | 'detail'>): TimelineEntry[] {
  if ('job' in record) return [timelineEntryOf(record.job, event)];
  return 'writeBack' in record ? [timelineEntryOfWriteBack(record.writeBack, event)] : [];
}

/**
 * Settles a job whose row was settled before, or whose customer has another card. A worker that was stopped, or lost
 * its lock, may bring its answer after another worker has settled the row. Its card is proof, and proof beats doubt:
 *
 *   row unknown, failed, rejected or skipped    the row is done, and its old state, failure and claim are removed
 *   row done with the same card                 a repeat: nothing changes
 *   row done, or the customer served, with
 *   another card                                a second card: filed as a failure, so that operators see it
 *
 * Of two cards the newer one stays in the ledger and is written back: the one whose run holds the in-flight claim.
 * Without a card, the state that the row has stands. A skip because the customer was forgotten always stands.
 */

import { timelineEntryOf } from '../../domain/customers/timeline.ts';
import type { FailedJob, FailedRecord } from '../../domain/failures/failed.ts';
import { failure } from '../../domain/failures/failure.ts';
import { type FinalState, type SkipReason, skipReasons } from '../../domain/jobs/outcome.ts';
import { customerKey, type QueuedJob, withoutDeliveryId } from '../../domain/jobs/pass-job.ts';
import type { Settlement, SettleResult } from '../../domain/jobs/settlement.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { openCampaignLua } from '../campaigns/open-campaigns.ts';
import { ENTRY_ARGS, ENTRY_KEYS, packTimeline, recordTimelineLua } from '../customers/timeline-writer.ts';
import { fileFailureLua, filingOf } from '../failures/causes.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { recordWriteBackLua } from '../write-back/record-write-back.ts';
import { claimOwnerLua } from './claim.ts';
import {
  cardDigest,
  endAfterAllLua,
  issuedAtMs,
  issuedCardLua,
  type SettledFacts,
  type SettleOptions,
} from './settled-facts.ts';

const reasons = Object.keys(skipReasons) as SkipReason[];

const lateKeys = scriptKeys(
  'campaign',
  'settled',
  'inFlight',
  'card',
  'outbox',
  'outboxDue',
  'pendingImport',
  'latest',
  'causes',
  'discarded',
  'open',
  'ended',
  'secondCards',
  'bulkAction',
);
const lateArgs = scriptArgs(
  'delivery',
  'run',
  'job',
  'row',
  'state',
  'now',
  'cardTtl',
  'passId',
  'cardDigest',
  'replacesCard',
  'writeBack',
  'secondId',
  'secondWriteBack',
  'issuedAt',
  'failure',
  'secondCard',
  'causeCount',
  'campaignId',
  'retriedBy',
);

/** Indexes of the first bitmap of skipped rows and of the first hash of failures; those of both filings follow. */
const SKIPPED = lateKeys.next;
const FAILED = SKIPPED + reasons.length;

/**
 * Returns the kind of the {@link SettleResult} and its detail; or `open` if the row or its causes changed meanwhile.
 * The filings (three keys and arguments each) of the write-back's failure and of the second card follow, then the
 * timeline entries: first that of the second card.
 */
const lateScript = `${claimOwnerLua}${issuedCardLua}${recordWriteBackLua}${recordTimelineLua}${fileFailureLua}${openCampaignLua}${endAfterAllLua}
${lateKeys.lua}${lateArgs.lua}
causeCount = tonumber(causeCount)
if redis.call('HLEN', causes) ~= causeCount then return { 'open' } end
local serial, importAbove, expected = unpack(redis.call('HMGET', campaign, 'serial', 'importAbove', 'expected'))
serial = serial or 0
local _, claim = claimOwner(inFlight)
local isNewest = isOwnClaim(claim, delivery, run)
-- While no other run has had the customer since, this is the newest card; otherwise it is as old as its answer.
local at = (isNewest or claim == '?' .. job) and nextDate(latest) or tonumber(issuedAt)
local writeBackKeys = { outbox = outbox, due = outboxDue, pendingImport = pendingImport, latest = latest }
-- The campaign may have been closed since.
local function addWriteBack(id, text)
  queueWriteBack(campaign, writeBackKeys, importAbove, expected, id, text, at)
  openCampaign(open, ended, campaignId)
end

-- The state of the row, and where it is recorded.
local stateNow, records, skippedNth = 'open', nil, nil
local bulkActionNow = ''
local isFiled = false
if redis.call('GETBIT', settled, row) == 1 then
  stateNow = claim == '?' .. job and 'unknown' or 'done'
  for nth = 0, causeCount do
    local key = nth < causeCount and KEYS[${FAILED} + nth] or discarded
    local stored = redis.call('HGET', key, job)
    local record = stored and cjson.decode(stored)
    if record and record.job then
      if record.state ~= 'done' then
        stateNow, records, bulkActionNow = record.state, key, record.job.bulkAction or ''
      elseif record.failure.code == 'PM_SECOND_CARD' and record.failure.detail:find(passId, 1, true) then isFiled = true end
    end
  end
  for nth = 0, ${reasons.length - 1} do
    if redis.call('GETBIT', KEYS[${SKIPPED} + nth], row) == 1 then stateNow, skippedNth = 'skipped', nth end
  end
end

if records and bulkActionNow ~= retriedBy then return { 'open' } end
if cardDigest == '' then return { stateNow == state and 'repeated' or 'stands', stateNow } end
if skippedNth == ${reasons.indexOf('forgotten')} then
  if isNewest then redis.call('DEL', inFlight) end
  return { 'stands', stateNow }
end
local before, restoreCard = setCard(card, serial .. ' ' .. cardDigest, cardTtl)
local isSecond = isSecondCard(before, serial, cardDigest, replacesCard)
if stateNow == 'open' and not isSecond then
  restoreCard()
  return { 'open' }
end
if stateNow == 'done' then
  isSecond = before and before ~= serial .. ' ' .. cardDigest
  if not isSecond or isFiled then
    restoreCard()
    return { 'repeated', stateNow }
  end
end
if isSecond and not isNewest then restoreCard() end
if isNewest or claim == '?' .. job then redis.call('DEL', inFlight) end

local k, a = ${FAILED} + causeCount, ${lateArgs.next}
local function file(nth, record)
  local causes, failed, overflow = unpack(KEYS, k + 3 * nth, k + 3 * nth + 2)
  local cause, overflowId, pattern = unpack(ARGV, a + 3 * nth, a + 3 * nth + 2)
  fileFailure(causes, failed, overflow, cause, overflowId, pattern, now, job, record)
end
local entriesK, entriesA = k + 6, a + 6
if stateNow == 'done' then
  if isNewest and secondWriteBack ~= '' then
    addWriteBack(secondId, secondWriteBack)
  end
else
  redis.call('SETBIT', settled, row, 1)
  redis.call('HINCRBY', campaign, 'done', 1)
  if stateNow ~= 'open' then redis.call('HINCRBY', campaign, stateNow, -1) end
  if records then
    redis.call('HDEL', records, job)
    if retriedBy ~= '' then endAfterAll(bulkAction, stateNow) end
  end
  if skippedNth then
    redis.call('SETBIT', KEYS[${SKIPPED} + skippedNth], row, 0)
    redis.call('HINCRBY', campaign, 'skipped:' .. ({ ${reasons.map((reason) => `'${reason}'`).join(', ')} })[skippedNth + 1], -1)
  end
  if not isSecond or isNewest then
    if writeBack ~= '' then
      addWriteBack(job, writeBack)
    elseif failure ~= '' then
      file(0, failure)
      redis.call('HINCRBY', campaign, 'writeBacks', 1)
      redis.call('HINCRBY', campaign, 'writeBackFailures', 1)
    end
  end
  if KEYS[entriesK] then
    for nth = 1, (#KEYS - entriesK + 1) / ${ENTRY_KEYS} - 1 do
      recordEvent(entriesK + nth * ${ENTRY_KEYS}, entriesA + nth * ${ENTRY_ARGS}, serial)
    end
  end
end
if not isSecond then return { 'recorded', stateNow } end
file(1, secondCard)
redis.call('SADD', secondCards, campaignId)
if KEYS[entriesK] then recordEvent(entriesK, entriesA, serial) end
return { 'second-card', isNewest and 1 or 0 }`;

/** Makes the function that settles a row late; undefined if the row is open, or changed meanwhile. */
export function makeSettleLate(
  redis: RedisConnection,
  keys: LedgerKeys,
  { cardTtlMs, timeline, clock }: SettleOptions,
) {
  const settleLate = defineScript(redis, 'settleJobLate', lateScript);

  return async (
    job: QueuedJob,
    settlement: Settlement,
    { card, writeBack, failed, entries }: SettledFacts,
  ): Promise<SettleResult | undefined> => {
    const { campaign, id } = job;
    const causes = await redis.hkeys(keys.causes(campaign));
    const recordKeys = [...causes.map((cause) => keys.failed(campaign, cause)), keys.discarded(campaign)];
    const retriedBy = await bulkActionOf(redis, recordKeys, id);
    const passId = card?.passId ?? '';
    const now = clock();
    const secondCard = failure('PM_SECOND_CARD', `a second card was found: ${passId}`);
    const record: FailedJob = {
      job: withoutDeliveryId(job),
      state: 'done',
      failure: secondCard,
      attempts: (job.attempts ?? 0) + 1,
      at: now,
    };
    const filings = [failed?.failure ?? secondCard, secondCard].map((why) => filingOf(keys, campaign, why));
    const packed = packTimeline(timeline, [
      timelineEntryOf(job, { kind: 'second-card', detail: passId, passId }),
      ...entries,
    ]);
    const secondId = `${id}~2`;
    const [kind, detail] = (await settleLate(
      [
        ...lateKeys.pack({
          campaign: keys.campaign(campaign),
          settled: keys.settled(campaign),
          inFlight: keys.inFlight(job),
          card: keys.card(job),
          outbox: keys.outbox,
          outboxDue: keys.outboxDue,
          pendingImport: keys.pendingImport(campaign),
          latest: keys.latestWriteBack(customerKey(job.customer)),
          causes: keys.causes(campaign),
          discarded: keys.discarded(campaign),
          open: keys.openCampaigns,
          ended: keys.endedCampaigns,
          secondCards: keys.secondCards,
          // Unused for a job that no bulk action queued, but the key needs a name.
          bulkAction: keys.bulkAction(retriedBy),
        }),
        ...reasons.map((reason) => keys.skipped(campaign, reason)),
        ...causes.map((cause) => keys.failed(campaign, cause)),
        ...filings.flatMap((filing) => filing.keys),
        ...packed.keys,
      ],
      [
        ...lateArgs.pack({
          delivery: job.deliveryId,
          run: job.runId ?? '',
          job: id,
          row: job.row,
          state: settlement.state,
          now,
          cardTtl: cardTtlMs,
          passId,
          cardDigest: card === undefined ? '' : cardDigest(card),
          replacesCard: job.replaces === true ? 1 : 0,
          writeBack: writeBack === undefined ? '' : JSON.stringify(writeBack),
          secondId,
          // The write-back of the other card may be under way under the id of the job.
          secondWriteBack: writeBack === undefined ? '' : JSON.stringify({ ...writeBack, id: secondId }),
          issuedAt: issuedAtMs(card, now),
          failure: failed === undefined ? '' : JSON.stringify(failed),
          secondCard: JSON.stringify(record),
          causeCount: causes.length,
          campaignId: campaign,
          retriedBy,
        }),
        ...filings.flatMap((filing) => filing.args),
        ...packed.args,
      ],
    )) as ['open'] | [SettleResult['kind'], FinalState | 'open' | number];
    switch (kind) {
      case 'recorded':
        return detail === 'open' ? { kind } : { kind, replaced: detail as FinalState };
      case 'stands':
        return { kind, state: detail as FinalState };
      case 'second-card':
        return { kind, failure: secondCard, isNewest: detail === 1 };
      case 'repeated':
        return { kind };
      case 'open':
        return undefined;
    }
  };
}

/** Returns the bulk action that queued the run whose failure is on record; empty if there is no such action. */
async function bulkActionOf(
  redis: RedisConnection,
  recordKeys: readonly string[],
  job: string,
): Promise<string> {
  const stored = await Promise.all(recordKeys.map((key) => redis.hget(key, job)));
  // In the order of the script, which takes the last one.
  const ended = stored
    .flatMap((text) => (text === null ? [] : [JSON.parse(text) as FailedRecord]))
    .findLast((record) => 'job' in record && record.state !== 'done');
  return (ended !== undefined && 'job' in ended && ended.job.bulkAction) || '';
}

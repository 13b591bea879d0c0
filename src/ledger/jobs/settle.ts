/**
 * Settles a job: records its final state and everything that follows from it in one atomic script. The first
 * settlement of a row wins, except that proof beats doubt: see `late-settlement.ts`.
 */

import type { Settlement, SettleResult } from '../../domain/jobs/settlement.ts';
import { customerKey, type QueuedJob } from '../../domain/jobs/pass-job.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { packTimeline, recordTimelineLua } from '../customers/timeline-writer.ts';
import { fileFailureLua, filingOf } from '../failures/causes.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { cardChangesLua, isOrdered, orderArg } from './card-changes.ts';
import { recordWriteBackLua } from '../write-back/record-write-back.ts';
import { claimOwnerLua } from './claim.ts';
import { failureGuardLua } from './failure-guard.ts';
import { makeSettleLate } from './late-settlement.ts';
import { recordNotificationLua } from './notification-limits.ts';
import { cardDigest, factsOf, issuedAtMs, issuedCardLua, type SettleOptions } from './settled-facts.ts';

const settleKeys = scriptKeys(
  'campaign',
  'settled',
  'inFlight',
  'card',
  'outbox',
  'outboxDue',
  'pendingImport',
  'latest',
  'skipped',
  'notifications',
  'change',
);
/** An empty text argument means that this part does not apply. */
const settleArgs = scriptArgs(
  'delivery',
  'run',
  'job',
  'row',
  'state',
  'now',
  'cardTtl',
  'cardDigest',
  'replacesCard',
  'notified',
  'writeBack',
  'issuedAt',
  'failure',
  'skipReason',
  'isOrdered',
  'order',
  'isRetried',
);

/**
 * Returns `recorded`; or, without having changed more than the claim, `settled` if the row was settled before, and
 * `second-card` if the customer has another card. The keys and arguments of the failure's filing (three each), the
 * key of the bulk action that reopened the job, and those of the timeline entries follow the named ones, if there are
 * any: most jobs succeed at once.
 */
const settleScript = `${claimOwnerLua}${issuedCardLua}${cardChangesLua}${recordWriteBackLua}${failureGuardLua}${recordNotificationLua}${recordTimelineLua}${fileFailureLua}
${settleKeys.lua}${settleArgs.lua}
local _, claim = claimOwner(inFlight)
local isOwn = isOwnClaim(claim, delivery, run)
local serial, importAbove, expected, opened = unpack(redis.call('HMGET', campaign, 'serial', 'importAbove', 'expected', 'opened'))
serial = serial or 0
local restoreCard
if cardDigest ~= '' then
  local before
  before, restoreCard = setCard(card, serial .. ' ' .. cardDigest, cardTtl)
  if isSecondCard(before, serial, cardDigest, replacesCard) then
    restoreCard()
    return 'second-card'
  end
end
if redis.call('SETBIT', settled, row, 1) == 1 then
  if restoreCard then restoreCard()
  elseif isOwn then redis.call('DEL', inFlight) end
  return 'settled'
end
redis.call('HINCRBY', campaign, state, 1)
if state == 'unknown' then
  -- Also the claim of the dead run whose create ends unknown.
  if claim and claim:sub(1, #job + 1) == job .. '@' then redis.call('SET', inFlight, '?' .. job, 'PX', cardTtl) end
elseif isOwn then redis.call('DEL', inFlight) end
if skipReason ~= '' then
  redis.call('SETBIT', skipped, row, 1)
  redis.call('HINCRBY', campaign, 'skipped:' .. skipReason, 1)
end
if writeBack ~= '' then
  -- Without its claim, this run may not be the customer's last one: its card is as old as the answer.
  local at = (isOwn or cardDigest == '') and nextDate(latest) or tonumber(issuedAt)
  local keys = { outbox = outbox, due = outboxDue, pendingImport = pendingImport, latest = latest }
  queueWriteBack(campaign, keys, importAbove, expected, job, writeBack, at)
end
local k, a = ${settleKeys.next}, ${settleArgs.next}
if failure ~= '' then
  local causes, failed, overflow = unpack(KEYS, k, k + 2)
  local cause, overflowId, pattern = unpack(ARGV, a, a + 2)
  fileFailure(causes, failed, overflow, cause, overflowId, pattern, now, job, failure)
  k, a = k + 3, a + 3
  if state == 'done' then
    redis.call('HINCRBY', campaign, 'writeBacks', 1)
    redis.call('HINCRBY', campaign, 'writeBackFailures', 1)
  end
end
if isRetried == '1' then
  -- It is kept for a limited time, which the job may outlast.
  if redis.call('EXISTS', KEYS[k]) == 1 then redis.call('HINCRBY', KEYS[k], 'ended:' .. state, 1) end
  k = k + 1
end
local place = isOrdered == '1' and placeOf(order, opened, row)
if place then
  local newest = redis.call('GET', change)
  if not newest or isOlder(newest, place) then redis.call('SET', change, place, 'PX', cardTtl) end
end
if notified == '1' then recordNotification(notifications, now) end
if state ~= 'done' and state ~= 'skipped' then guardFailures(campaign, now) end
recordEvents(k, a, campaign, serial)
return 'recorded'`;

export type Settle = (job: QueuedJob, settlement: Settlement) => Promise<SettleResult>;

/** Makes the function that settles a job. */
export function makeSettle(redis: RedisConnection, keys: LedgerKeys, options: SettleOptions): Settle {
  const { cardTtlMs, timeline, clock } = options;
  const settleFirst = defineScript(redis, 'settleJob', settleScript);
  const settleLate = makeSettleLate(redis, keys, options);

  const settle: Settle = async (job, settlement) => {
    const facts = factsOf(job, settlement);
    const { card, notified, writeBack, failed, skipReason, entries } = facts;
    const filing = failed === undefined ? undefined : filingOf(keys, job.campaign, failed.failure);
    const packed = packTimeline(timeline, entries);
    const now = clock();
    const reply = await settleFirst(
      [
        ...settleKeys.pack({
          campaign: keys.campaign(job.campaign),
          settled: keys.settled(job.campaign),
          inFlight: keys.inFlight(job),
          card: keys.card(job),
          outbox: keys.outbox,
          outboxDue: keys.outboxDue,
          pendingImport: keys.pendingImport(job.campaign),
          latest: keys.latestWriteBack(customerKey(job.customer)),
          // Unused without a reason, but the key needs a name.
          skipped: keys.skipped(job.campaign, skipReason ?? 'has-card'),
          notifications: keys.notifications(job),
          change: keys.cardChange(job),
        }),
        ...(filing?.keys ?? []),
        ...(job.bulkAction === undefined ? [] : [keys.bulkAction(job.bulkAction)]),
        ...packed.keys,
      ],
      [
        ...settleArgs.pack({
          delivery: job.deliveryId,
          run: job.runId ?? '',
          job: job.id,
          row: job.row,
          state: settlement.state,
          now,
          cardTtl: cardTtlMs,
          cardDigest: card === undefined ? '' : cardDigest(card),
          replacesCard: job.replaces === true ? 1 : 0,
          notified: notified ? 1 : 0,
          writeBack: writeBack === undefined ? '' : JSON.stringify(writeBack),
          issuedAt: issuedAtMs(card, now),
          failure: failed === undefined ? '' : JSON.stringify(failed),
          skipReason: skipReason ?? '',
          isOrdered: settlement.state === 'done' && isOrdered(job) ? 1 : 0,
          order: orderArg(job),
          isRetried: job.bulkAction === undefined ? 0 : 1,
        }),
        ...(filing?.args ?? []),
        ...packed.args,
      ],
    );
    if (reply === 'recorded') return { kind: 'recorded' };
    // The row may be reopened in between, and is then open to this settlement.
    return (await settleLate(job, settlement, facts)) ?? settle(job, settlement);
  };

  return settle;
}

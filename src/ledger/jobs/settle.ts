/**
 * Settles a job: records its final state and everything that follows from it in one atomic script. The first
 * settlement of a row wins; repeating it changes nothing.
 */

import { timelineEntryOf } from '../../domain/customers/timeline.ts';
import type { FailedJob } from '../../domain/failures/failed.ts';
import type { SkipReason } from '../../domain/jobs/outcome.ts';
import { type IssuedCard, type QueuedJob, withoutDeliveryId } from '../../domain/jobs/pass-job.ts';
import type { Settlement } from '../../domain/jobs/settlement.ts';
import type { WriteBack } from '../../domain/jobs/write-back.ts';
import type { Clock } from '../../kit/clock.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { packTimeline, recordTimelineLua, type TimelineWriter } from '../customers/timeline-writer.ts';
import { fileFailureLua, filingOf } from '../failures/causes.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { claimOwnerLua } from './claim.ts';
import { failureGuardLua } from './failure-guard.ts';
import { recordNotificationLua } from './notification-limits.ts';

const settleKeys = scriptKeys(
  'campaign',
  'settled',
  'inFlight',
  'card',
  'outbox',
  'outboxDue',
  'pendingImport',
  'skipped',
  'notifications',
);
/** An empty text argument means that this part does not apply. */
const settleArgs = scriptArgs(
  'delivery',
  'job',
  'row',
  'state',
  'now',
  'cardTtl',
  'hasCard',
  'notified',
  'writeBack',
  'writeBackDue',
  'failure',
  'skipReason',
);

/**
 * Returns 1, or 0 if the row was settled before. The keys and arguments of the failure's filing (three each) and of
 * the timeline entries follow the named ones, if there are any: most jobs succeed.
 */
const settleScript = `${claimOwnerLua}${failureGuardLua}${recordNotificationLua}${recordTimelineLua}${fileFailureLua}
${settleKeys.lua}${settleArgs.lua}
if redis.call('SETBIT', settled, row, 1) == 1 then return 0 end
redis.call('HINCRBY', campaign, state, 1)
if claimOwner(inFlight) == delivery then
  if state == 'unknown' then redis.call('SET', inFlight, '?' .. job, 'PX', cardTtl)
  else redis.call('DEL', inFlight) end
end
local serial, importAbove, expected = unpack(redis.call('HMGET', campaign, 'serial', 'importAbove', 'expected'))
serial = serial or 0
if hasCard == '1' then redis.call('SET', card, serial, 'PX', cardTtl) end
if skipReason ~= '' then
  redis.call('SETBIT', skipped, row, 1)
  redis.call('HINCRBY', campaign, 'skipped:' .. skipReason, 1)
end
if writeBack ~= '' then
  -- A large campaign writes back by imports, see import-batches.ts.
  if importAbove and expected and tonumber(expected) >= tonumber(importAbove) then
    redis.call('RPUSH', pendingImport, writeBack)
  else
    redis.call('HSET', outbox, job, writeBack)
    redis.call('ZADD', outboxDue, writeBackDue, job)
  end
  redis.call('HINCRBY', campaign, 'writeBacks', 1)
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
if notified == '1' then recordNotification(notifications, now) end
if state ~= 'done' and state ~= 'skipped' then guardFailures(campaign, now) end
recordEvents(k, a, campaign, serial)
return 1`;

export interface SettleOptions {
  /** How long (ms) a card counts as fresh. */
  cardTtlMs: number;
  /** Absent if the customer index is off. */
  timeline?: TimelineWriter | undefined;
  clock: Clock;
}

/** Makes the function that settles a job; it returns false if the row was settled before. */
export function makeSettle(
  redis: RedisConnection,
  keys: LedgerKeys,
  { cardTtlMs, timeline, clock }: SettleOptions,
): (job: QueuedJob, settlement: Settlement) => Promise<boolean> {
  const settle = defineScript(redis, 'settleJob', settleScript);

  return async (job, settlement) => {
    const { card, notified = false, writeBack, failed, skipReason, detail } = factsOf(job, settlement);
    const filing = failed === undefined ? undefined : filingOf(keys, job.campaign, failed.failure);
    const entries = [
      timelineEntryOf(job, {
        kind: settlement.state,
        detail,
        ...(card !== undefined && { passId: card.passId }),
      }),
    ];
    if (failed?.state === 'done') {
      entries.push(timelineEntryOf(job, { kind: 'write-back-failed', detail: failed.failure.code }));
    }
    const packed = packTimeline(timeline, entries);
    const isFirst = await settle(
      [
        ...settleKeys.pack({
          campaign: keys.campaign(job.campaign),
          settled: keys.settled(job.campaign),
          inFlight: keys.inFlight(job),
          card: keys.card(job),
          outbox: keys.outbox,
          outboxDue: keys.outboxDue,
          pendingImport: keys.pendingImport(job.campaign),
          // Unused without a reason, but the key needs a name.
          skipped: keys.skipped(job.campaign, skipReason ?? 'has-card'),
          notifications: keys.notifications(job),
        }),
        ...(filing?.keys ?? []),
        ...packed.keys,
      ],
      [
        ...settleArgs.pack({
          delivery: job.deliveryId,
          job: job.id,
          row: job.row,
          state: settlement.state,
          now: clock(),
          cardTtl: cardTtlMs,
          hasCard: card === undefined ? 0 : 1,
          notified: notified ? 1 : 0,
          writeBack: writeBack === undefined ? '' : JSON.stringify(writeBack),
          writeBackDue: writeBack?.at ?? 0,
          failure: failed === undefined ? '' : JSON.stringify(failed),
          skipReason: skipReason ?? '',
        }),
        ...(filing?.args ?? []),
        ...packed.args,
      ],
    );
    return isFirst === 1;
  };
}

interface Facts {
  card?: IssuedCard | undefined;
  notified?: boolean;
  writeBack?: WriteBack | undefined;
  failed?: FailedJob;
  skipReason?: SkipReason;
  /** For the customer's timeline. */
  detail: string;
}

function factsOf(queued: QueuedJob, settlement: Settlement): Facts {
  const job = withoutDeliveryId(queued);
  switch (settlement.state) {
    case 'done': {
      const { card, notified = false } = settlement;
      const detail = card?.passId ?? '';
      return 'writeBackFailure' in settlement
        ? { card, notified, detail, failed: { job, state: 'done', ...settlement.writeBackFailure } }
        : { card, notified, detail, writeBack: settlement.writeBack };
    }
    case 'rejected':
    case 'failed':
    case 'unknown':
      return { detail: settlement.failure.code, failed: { job, ...settlement } };
    case 'skipped': {
      const { reason, why = '' } = settlement;
      return { detail: why === '' ? reason : `${reason}: ${why}`, skipReason: reason };
    }
  }
}

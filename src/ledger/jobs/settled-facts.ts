/** What a settlement records, shared by the scripts that settle a row for the first time and later. */

import { timelineEntryOf, type TimelineEntry } from '../../domain/customers/timeline.ts';
import type { FailedJob } from '../../domain/failures/failed.ts';
import type { SkipReason } from '../../domain/jobs/outcome.ts';
import { type IssuedCard, type QueuedJob, withoutDeliveryId } from '../../domain/jobs/pass-job.ts';
import type { Settlement } from '../../domain/jobs/settlement.ts';
import type { UndatedWriteBack } from '../../domain/jobs/write-back.ts';
import type { Clock } from '../../kit/clock.ts';
import type { TimelineWriter } from '../customers/timeline-writer.ts';
import { digest } from '../keys.ts';

export interface SettleOptions {
  /** How long (ms) a card counts as fresh. */
  cardTtlMs: number;
  /** Absent if the customer index is off. */
  timeline?: TimelineWriter | undefined;
  clock: Clock;
}

/** 36 bits tell two cards of one customer apart, and the value still fits into 32 bytes. */
const CARD_DIGEST_LENGTH = 6;

/** Returns the text by which the ledger recognizes a card: its whole id would take three times the memory. */
export function cardDigest({ passId }: { passId: string } & Partial<IssuedCard>): string {
  return digest(passId).slice(0, CARD_DIGEST_LENGTH);
}

/** Returns when a card was issued, ms since 1970; without a card, now. */
export function issuedAtMs(card: IssuedCard | undefined, now: number): number {
  return card === undefined ? now : card.issuedAt * 1000;
}

/**
 * Lua functions. `setCard` makes a card the customer's current one; returns the one before it, if there was one, and a
 * function that restores it. `isSecondCard` tells whether a card was made beside one that it does not replace.
 */
export const issuedCardLua = `
local function setCard(card, issued, cardTtl)
  local before = redis.call('SET', card, issued, 'PX', cardTtl, 'GET')
  return before, function()
    if before then redis.call('SET', card, before, 'PX', cardTtl) else redis.call('DEL', card) end
  end
end
local function isSecondCard(before, serial, cardDigest, replacesCard)
  if not before or before == serial .. ' ' .. cardDigest then return false end
  return replacesCard == '0' or before:match('^%d+') == tostring(serial)
end`;

export interface SettledFacts {
  card: IssuedCard | undefined;
  notified: boolean;
  writeBack: UndatedWriteBack | undefined;
  failed: FailedJob | undefined;
  skipReason: SkipReason | undefined;
  entries: TimelineEntry[];
}

/**
 * Lua function: counts a job that a bulk action queued again as done instead of `state`. The bulk action is kept for a
 * limited time, which the job may outlast.
 */
export const endAfterAllLua = `
local function endAfterAll(bulkAction, state)
  if redis.call('EXISTS', bulkAction) == 0 then return end
  redis.call('HINCRBY', bulkAction, 'ended:' .. state, -1)
  redis.call('HINCRBY', bulkAction, 'ended:done', 1)
end`;

/** Returns everything that a settlement records. */
export function factsOf(queued: QueuedJob, settlement: Settlement): SettledFacts {
  const job = withoutDeliveryId(queued);
  const card = 'card' in settlement ? settlement.card : undefined;
  const failed = failedJobOf(job, settlement);
  const entries = [
    timelineEntryOf(job, {
      kind: settlement.state,
      detail: detailOf(settlement),
      ...(card !== undefined && { passId: card.passId }),
    }),
  ];
  if (failed?.state === 'done') {
    entries.push(timelineEntryOf(job, { kind: 'write-back-failed', detail: failed.failure.code }));
  }
  return {
    card,
    notified: 'notified' in settlement && settlement.notified,
    writeBack: 'writeBack' in settlement ? settlement.writeBack : undefined,
    failed,
    skipReason: settlement.state === 'skipped' ? settlement.reason : undefined,
    entries,
  };
}

function failedJobOf(job: FailedJob['job'], settlement: Settlement): FailedJob | undefined {
  switch (settlement.state) {
    case 'done':
      return 'writeBackFailure' in settlement
        ? { job, state: 'done', ...settlement.writeBackFailure }
        : undefined;
    case 'rejected':
    case 'failed':
    case 'unknown':
      return { job, ...settlement };
    case 'skipped':
      return undefined;
  }
}

/** For the customer's timeline. */
function detailOf(settlement: Settlement): string {
  switch (settlement.state) {
    case 'done':
      return settlement.card?.passId ?? '';
    case 'rejected':
    case 'failed':
    case 'unknown':
      return settlement.failure.code;
    case 'skipped': {
      const { reason, why = '' } = settlement;
      return why === '' ? reason : `${reason}: ${why}`;
    }
  }
}

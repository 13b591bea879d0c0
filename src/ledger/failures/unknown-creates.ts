/**
 * Creates that ended unknown, and how they end after all: with a card that was proven to exist. One atomic script takes
 * the failure out of the index and settles everything that a successful create would have settled, so that of several
 * proofs, or of a proof and a retry, exactly one takes effect.
 */

import { timelineEntryOf } from '../../domain/customers/timeline.ts';
import { codeOfCause } from '../../domain/failures/cause.ts';
import type { FailedJob, FailedRecord } from '../../domain/failures/failed.ts';
import { type Failure, failureKinds } from '../../domain/failures/failure.ts';
import { campaignAndRow } from '../../domain/jobs/job-id.ts';
import type { CardProof } from '../../domain/jobs/card-proof.ts';
import { type Customer, customerKey, type IssuedCard } from '../../domain/jobs/pass-job.ts';
import type { UndatedWriteBack } from '../../domain/jobs/write-back.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { openCampaignLua } from '../campaigns/open-campaigns.ts';
import { packTimeline, recordTimelineLua, type TimelineWriter } from '../customers/timeline-writer.ts';
import { cardDigest, endAfterAllLua, issuedCardLua } from '../jobs/settled-facts.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { recordWriteBackLua } from '../write-back/record-write-back.ts';
import { fileFailureLua, filingOf } from './causes.ts';

/** A create that ended unknown, and where its record is. */
export interface UnknownCreate {
  record: FailedJob;
  /** Id of its cause; undefined if an operator discarded it. */
  cause: string | undefined;
}

/** `unknown`: {@link UnknownCreates.find} may find it. `open`: it has not ended, or is being retried. `absent`: no such job. */
export type JobState = 'unknown' | 'open' | 'settled' | 'absent';

/** `gone` and `second-card` change nothing: the create is no longer unknown, or its customer has another card. */
export type SettledUnknown = 'settled' | 'gone' | 'second-card';

/** What a proven card brings: its write-back, or why that cannot be rendered. */
export type ProvenWriteBack = { writeBack?: UndatedWriteBack } | { writeBackFailure: Failure };

export interface UnknownCreates {
  /** Returns whether a job may have ended unknown, in one round trip. */
  stateOf(job: string): Promise<JobState>;
  /** Finds a create that ended unknown; undefined if it has another state or its record was erased. */
  find(job: string): Promise<UnknownCreate | undefined>;
  /** Ends a create as done with its card. `by`: who proved it, for the timeline. */
  settle(
    unknown: UnknownCreate,
    card: IssuedCard,
    options: { by: string; now: number } & ProvenWriteBack,
  ): Promise<SettledUnknown>;
  /** Returns the customer who got another card from the campaign of a job; undefined if there is none. */
  customerWithOtherCard(
    job: string,
    program: string,
    proof: Pick<CardProof, 'ids' | 'passId'>,
  ): Promise<Customer | undefined>;
}

const settleKeys = scriptKeys(
  'campaign',
  'failed',
  'inFlight',
  'card',
  'outbox',
  'outboxDue',
  'latest',
  'open',
  'ended',
  'bulkAction',
);
const settleArgs = scriptArgs(
  'id',
  'at',
  'cardTtl',
  'cardDigest',
  'replacesCard',
  'now',
  'writeBack',
  'failure',
  'campaignId',
  'isRetried',
);

/**
 * The keys and arguments of the filing of a failed write-back follow, if there is one, then those of the timeline. A card
 * that is known to be the customer's newest counts as issued now; otherwise when its answer was lost.
 */
const settleScript = `${issuedCardLua}${recordTimelineLua}${fileFailureLua}${recordWriteBackLua}${openCampaignLua}${endAfterAllLua}
${settleKeys.lua}${settleArgs.lua}
local stored = redis.call('HGET', failed, id)
if not stored then return 'gone' end
local record = cjson.decode(stored)
-- A record of another time is a later failure of the same job.
if record.at ~= tonumber(at) or record.state ~= 'unknown' then return 'gone' end
local serial = redis.call('HGET', campaign, 'serial') or 0
local before, restoreCard = setCard(card, serial .. ' ' .. cardDigest, cardTtl)
if isSecondCard(before, serial, cardDigest, replacesCard) then
  restoreCard()
  return 'second-card'
end
redis.call('HDEL', failed, id)
redis.call('HINCRBY', campaign, 'unknown', -1)
redis.call('HINCRBY', campaign, 'done', 1)
if isRetried == '1' then endAfterAll(bulkAction, 'unknown') end
-- While its claim stands, the customer has got no card of this program since: this is the newest one.
local isNewest = redis.call('GET', inFlight) == '?' .. id
if isNewest then redis.call('DEL', inFlight) elseif before then restoreCard() end
if writeBack ~= '' then
  local keys = { outbox = outbox, due = outboxDue, latest = latest }
  queueWriteBack(campaign, keys, nil, nil, id, writeBack, isNewest and nextDate(latest) or tonumber(at))
  openCampaign(open, ended, campaignId)
end
local k, a = ${settleKeys.next}, ${settleArgs.next}
if failure ~= '' then
  local causes, own, overflow = unpack(KEYS, k, k + 2)
  local cause, overflowId, pattern = unpack(ARGV, a, a + 2)
  fileFailure(causes, own, overflow, cause, overflowId, pattern, now, id, failure)
  redis.call('HINCRBY', campaign, 'writeBacks', 1)
  redis.call('HINCRBY', campaign, 'writeBackFailures', 1)
  k, a = k + 3, a + 3
end
recordEvents(k, a, campaign, serial)
return 'settled'`;

/** KEYS: campaign, settled. ARGV: row. Returns the status, the number of unknown rows, of all rows, and the row's bit. */
const stateScript = `
local status, unknown, rows = unpack(redis.call('HMGET', KEYS[1], 'status', 'unknown', 'rows'))
return { status, unknown, rows, redis.call('GETBIT', KEYS[2], ARGV[1]) }`;

/** `timeline`: absent if the customer index is off. `cardTtlMs`: how long a card counts as fresh. */
export function makeUnknownCreates(
  redis: RedisConnection,
  keys: LedgerKeys,
  { timeline, cardTtlMs }: { timeline: TimelineWriter | undefined; cardTtlMs: number },
): UnknownCreates {
  const settle = defineScript(redis, 'settleUnknown', settleScript);
  const readState = defineScript(redis, 'jobState', stateScript);

  const recordIn = async (key: string, job: string): Promise<FailedJob | undefined> => {
    const stored = await redis.hget(key, job);
    const record = stored === null ? undefined : (JSON.parse(stored) as FailedRecord);
    const isUnknown = record !== undefined && 'state' in record && record.state === 'unknown';
    return isUnknown && record.job.action === 'create' ? record : undefined;
  };

  return {
    async stateOf(job) {
      const { campaign, row } = campaignAndRow(job) ?? {};
      if (campaign === undefined || row === undefined) return 'absent';
      const [status, unknown, rows, isSettled] = (await readState(
        [keys.campaign(campaign), keys.settled(campaign)],
        [row],
      )) as [string | null, string | null, string | null, number];
      if (status === null || row < 1 || row > Number(rows)) return 'absent';
      if (isSettled === 0) return 'open';
      return Number(unknown ?? 0) > 0 ? 'unknown' : 'settled';
    },
    async find(job) {
      const { campaign } = campaignAndRow(job) ?? {};
      if (campaign === undefined) return undefined;
      const causes = await redis.hkeys(keys.causes(campaign));
      for (const cause of causes.filter((id) => failureKinds[codeOfCause(id)].stage === 'maybe')) {
        const record = await recordIn(keys.failed(campaign, cause), job);
        if (record !== undefined) return { record, cause };
      }
      const record = await recordIn(keys.discarded(campaign), job);
      return record && { record, cause: undefined };
    },
    async settle({ record, cause }, card, { by, now, ...proven }) {
      const { job, at, attempts } = record;
      const { campaign, id } = job;
      const { passId } = card;
      const entries = [
        timelineEntryOf(job, { kind: 'done', detail: passId, passId }),
        timelineEntryOf(job, { kind: 'proven', detail: by }),
      ];
      const writeBackFailure = 'writeBackFailure' in proven ? proven.writeBackFailure : undefined;
      const failed: FailedJob | undefined = writeBackFailure && {
        job,
        state: 'done',
        failure: writeBackFailure,
        attempts,
        at: now,
      };
      if (failed !== undefined) {
        entries.push(timelineEntryOf(job, { kind: 'write-back-failed', detail: failed.failure.code }));
      }
      const filing = failed && filingOf(keys, campaign, failed.failure);
      const packed = packTimeline(timeline, entries);
      const writeBack = 'writeBack' in proven ? proven.writeBack : undefined;
      return (await settle(
        [
          ...settleKeys.pack({
            campaign: keys.campaign(campaign),
            failed: cause === undefined ? keys.discarded(campaign) : keys.failed(campaign, cause),
            inFlight: keys.inFlight(job),
            card: keys.card(job),
            outbox: keys.outbox,
            outboxDue: keys.outboxDue,
            latest: keys.latestWriteBack(customerKey(job.customer)),
            open: keys.openCampaigns,
            ended: keys.endedCampaigns,
            // Unused for a job that no bulk action queued, but the key needs a name.
            bulkAction: keys.bulkAction(job.bulkAction ?? ''),
          }),
          ...(filing?.keys ?? []),
          ...packed.keys,
        ],
        [
          ...settleArgs.pack({
            id,
            at,
            cardTtl: cardTtlMs,
            cardDigest: cardDigest(card),
            replacesCard: job.replaces === true ? 1 : 0,
            now,
            writeBack: writeBack === undefined ? '' : JSON.stringify(writeBack),
            failure: failed === undefined ? '' : JSON.stringify(failed),
            campaignId: campaign,
            isRetried: job.bulkAction === undefined ? 0 : 1,
          }),
          ...(filing?.args ?? []),
          ...packed.args,
        ],
      )) as SettledUnknown;
    },
    async customerWithOtherCard(job, program, { ids, passId }) {
      const { campaign = '' } = campaignAndRow(job) ?? {};
      const customers = Object.entries(ids).map(([type, id]) => ({ ids: { [type]: id }, attributes: {} }));
      const [serial, issued] = await Promise.all([
        redis.hget(keys.campaign(campaign), 'serial'),
        Promise.all(customers.map((customer) => redis.get(keys.card({ program, customer })))),
      ]);
      const own = `${serial} ${cardDigest({ passId, issuedAt: 0 })}`;
      // A card of another campaign replaced this one, or was replaced by it.
      return customers.find((_, index) => {
        const card = issued[index] ?? '';
        return card.startsWith(`${serial} `) && card !== own;
      });
    },
  };
}

/**
 * In-flight claims. A job claims its customer (create) or its card (update, notify) immediately before its call, so
 * that at most one call for it is in flight. The claim is also the mark that the call may have been sent: a create
 * whose claim outlives its worker ends as unknown. A job that was never claimed was never sent.
 */

import { randomUUID } from 'node:crypto';
import { timelineEntryOf } from '../../domain/customers/timeline.ts';
import { type Failure, failureKinds } from '../../domain/failures/failure.ts';
import { RATE_LIMITED } from '../../domain/jobs/outcome.ts';
import type { PassJob, QueuedJob } from '../../domain/jobs/pass-job.ts';
import type { Claim, ClaimAnswer, ClaimOptions, ClaimStage } from '../../domain/jobs/settlement.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import {
  defineReplicatedScript,
  NotReplicatedError,
  type ReplicationOptions,
} from '../../kit/redis/replicated-script.ts';
import { packTimeline, recordTimelineLua, type TimelineWriter } from '../customers/timeline-writer.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { cardChangesLua, changeKeysOf, isOrdered, orderArg, WAITING_MS } from './card-changes.ts';
import { createDoubtLua } from './create-doubts.ts';

export interface Claims {
  /** Claims the job's customer or card. Repeating it for the same run, after a lost reply, is answered the same. */
  claim(job: QueuedJob, options?: ClaimOptions): Promise<Claim>;
  /** Returns how far the claim of this delivery got; undefined if it has none: never claimed, settled or released. */
  claimStage(job: QueuedJob): Promise<ClaimStage | undefined>;
  /** How long ago (ms) the call of each job was marked as sent; undefined for jobs without such a claim. */
  inFlightMs(jobs: readonly QueuedJob[]): Promise<(number | undefined)[]>;
  /**
   * Releases the claim of this run without a final state: the job will be requeued, after `retryMs`. `why`: the failure
   * of the call, if there was one.
   */
  release(job: QueuedJob, why?: Failure, retryMs?: number): Promise<void>;
  /** Returns the version of the program that the campaign uses now; undefined for the current one. */
  programVersion(campaign: string): Promise<string | undefined>;
}

/**
 * A claim is `{delivery id}#{run id}`, followed by `~` while the job is only being prepared; or `?{job id}` after an
 * unknown outcome. Lua functions: `claimOwner` returns the delivery id, or the whole text after an unknown outcome,
 * and the claim. `isOwnClaim` tells whether a claim is that of the run, or of any run of the delivery if `run` is
 * empty; `isSentByOther`, whether another run or delivery of the job marked it as sent.
 */
export const claimOwnerLua = `
local function claimOwner(inFlight)
  local claim = redis.call('GET', inFlight)
  return claim and claim:match('^[^#]*'), claim
end
local function isOwnClaim(claim, delivery, run)
  if not claim then return false end
  if run == '' then return claim:match('^[^#]*') == delivery end
  return claim == delivery .. '#' .. run or claim == delivery .. '#' .. run .. '~'
end
local function isSentByOther(claim, id, delivery, run)
  if not claim or claim:sub(1, #id + 1) ~= id .. '@' or claim:sub(-1) == '~' then return false end
  return claim ~= delivery .. '#' .. run
end`;

const claimKeys = scriptKeys('campaign', 'settled', 'inFlight', 'card', 'gate', 'doubt', 'change', 'waiting');
const claimArgs = scriptArgs(
  'id',
  'delivery',
  'run',
  'row',
  'isCreate',
  'replacesCard',
  'ttl',
  'isSent',
  'repeatsUnknown',
  'isOrdered',
  'order',
  'oldestFirst',
  'waitsForTrial',
);

/** Returns a {@link ClaimAnswer}; or an array of it, the program version, and the milliseconds to wait. */
const claimScript = `${claimOwnerLua}${cardChangesLua}${createDoubtLua}
${claimKeys.lua}${claimArgs.lua}
local claim = delivery .. '#' .. run
local status, serial, version, opened = unpack(redis.call('HMGET', campaign, 'status', 'serial', 'programVersion', 'opened'))
if redis.call('GETBIT', settled, row) == 1 then return 'settled' end
local owner, current = claimOwner(inFlight)
-- The same claim again: Redis died before it could answer, so nothing was sent yet.
local isRepeated = current == claim
if isCreate == '1' and repeatsUnknown == '0' and isSentByOther(current, id, delivery, run) then
  return { 'sent-before', version }
end
local isOwn = owner == delivery or (isCreate == '1' and isSentByOther(current, id, delivery, run))
if status and status ~= 'running' then
  if isOwn then redis.call('DEL', inFlight) end
  return 'halted'
end
local closedMs = redis.call('GET', gate) == '${RATE_LIMITED}' and redis.call('PTTL', gate) or 0
if closedMs > 0 then
  if isRepeated then redis.call('DEL', inFlight) end
  return { 'gate', false, closedMs }
end
local trialMs = waitsForTrial == '1' and createDoubt(doubt)
if trialMs then
  if isRepeated then redis.call('DEL', inFlight) end
  return { 'creates-paused', false, trialMs }
end
local place = isOrdered == '1' and placeOf(order, opened, row)
if place and not isRepeated then
  local newest = redis.call('GET', change)
  local isSuperseded = newest and isOlder(place, newest)
  local blocked = not isSuperseded and blockedMs(waiting, place, oldestFirst == '1')
  if isOwn and (isSuperseded or blocked) then redis.call('DEL', inFlight) end
  if isSuperseded then
    redis.call('HDEL', waiting, place)
    return 'superseded'
  end
  if blocked or (owner and not isOwn) then waitForChange(waiting, place, ${WAITING_MS} + (blocked or 0)) end
  if blocked then return { 'change-waits', version, math.max(blocked - ${WAITING_MS}, 0) } end
end
if not isRepeated then
  if owner and not isOwn then return owner:sub(1, 1) == '?' and 'card-unknown' or 'customer-busy' end
  if isCreate == '1' then
    local card = redis.call('GET', card)
    local issuedBy = card and card:match('^%d+')
    if issuedBy and issuedBy == serial then return 'duplicate' end
    if issuedBy and replacesCard == '0' then return 'has-card' end
  end
end
if place then redis.call('HDEL', waiting, place) end
redis.call('SET', inFlight, isSent == '1' and claim or claim .. '~', 'PX', ttl)
return { 'go', version }`;

/** Withdraws exactly this claim: an earlier one may belong to a call that was sent. KEYS: inFlight. ARGV: claim. */
const withdrawScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/** Remaining TTL (ms) and stage of each job's claim; -1 if the job has none. KEYS: the claims. ARGV: the delivery ids. */
const claimTtlScript = `${claimOwnerLua}
local found = {}
for nth, inFlight in ipairs(KEYS) do
  local owner, claim = claimOwner(inFlight)
  local isOwn = owner == ARGV[nth]
  found[2 * nth - 1] = isOwn and redis.call('PTTL', inFlight) or -1
  found[2 * nth] = isOwn and claim:sub(-1) == '~' and 'prepared' or 'sent'
end
return found`;

const releaseKeys = scriptKeys('inFlight', 'campaign', 'waiting');
const releaseArgs = scriptArgs('delivery', 'run', 'row', 'order', 'retryMs');
const releaseScript = `${claimOwnerLua}${cardChangesLua}${recordTimelineLua}
${releaseKeys.lua}${releaseArgs.lua}
local _, claim = claimOwner(inFlight)
if isOwnClaim(claim, delivery, run) then
  redis.call('DEL', inFlight)
  local place = retryMs ~= '' and placeOf(order, redis.call('HGET', campaign, 'opened'), row)
  if place then waitForChange(waiting, place, retryMs + ${WAITING_MS}) end
  recordEvents(${releaseKeys.next}, ${releaseArgs.next}, campaign)
end`;

/** An update or notify that is in flight for longer died with its worker. It is idempotent, so it may be repeated. */
const CHANGE_TTL_MS = 60_000;
/** A job is prepared in milliseconds; the claim lasts until a dead worker's jobs are taken over. */
const PREPARED_TTL_MS = 60_000;

export interface ClaimsOptions {
  /** How long (ms) a card counts as fresh, and an unsettled create as in flight. */
  cardTtlMs: number;
  /** Absent if the customer index is off. */
  timeline?: TimelineWriter | undefined;
  /** Replicas that must acknowledge the claim before a card is requested; absent for none. */
  replicas?: ReplicationOptions | undefined;
}

export function makeClaims(
  redis: RedisConnection,
  keys: LedgerKeys,
  { cardTtlMs, timeline, replicas }: ClaimsOptions,
): Claims {
  const claim = defineScript(redis, 'claimJob', claimScript);
  const claimReplicated = defineReplicatedScript(redis, replicas, 'claimJob', claimScript);
  const withdraw = defineScript(redis, 'withdrawClaim', withdrawScript);
  const claimTtls = defineScript(redis, 'claimTtls', claimTtlScript);
  const release = defineScript(redis, 'releaseJob', releaseScript);

  const ttlOf = ({ action }: PassJob) => (action === 'create' ? cardTtlMs : CHANGE_TTL_MS);

  const claimsOf = async (jobs: readonly QueuedJob[]) => {
    if (jobs.length === 0) return [];
    const found = (await claimTtls(
      jobs.map((job) => keys.inFlight(job)),
      jobs.map(({ deliveryId }) => deliveryId),
    )) as (number | ClaimStage)[];
    return jobs.map((_, nth) => ({
      leftMs: found[2 * nth] as number,
      stage: found[2 * nth + 1] as ClaimStage,
    }));
  };

  return {
    async claim(job, { stage = 'sent', repeatsUnknown = false, isTrial = false } = {}) {
      const run = job.runId ?? randomUUID();
      const withdrawUnreplicated = async (error: unknown) => {
        if (!(error instanceof NotReplicatedError)) throw error;
        await withdraw([keys.inFlight(job)], [`${job.deliveryId}#${run}`]);
        return 'unconfirmed';
      };
      const isCreate = job.action === 'create';
      const isSent = stage === 'sent';
      // Only the mark of a create needs replication: a lost claim of a PATCH at worst repeats the PATCH.
      const reply = (await (isCreate && isSent ? claimReplicated : claim)(
        claimKeys.pack({
          campaign: keys.campaign(job.campaign),
          settled: keys.settled(job.campaign),
          inFlight: keys.inFlight(job),
          card: keys.card(job),
          gate: keys.gate,
          doubt: keys.createDoubt,
          ...changeKeysOf(keys, job),
        }),
        claimArgs.pack({
          id: job.id,
          delivery: job.deliveryId,
          run,
          row: job.row,
          isCreate: isCreate ? 1 : 0,
          replacesCard: job.replaces === true ? 1 : 0,
          ttl: isSent ? ttlOf(job) : PREPARED_TTL_MS,
          isSent: isSent ? 1 : 0,
          repeatsUnknown: repeatsUnknown ? 1 : 0,
          isOrdered: isSent && isOrdered(job) ? 1 : 0,
          order: orderArg(job),
          oldestFirst: job.action === 'notify' ? 1 : 0,
          waitsForTrial: isCreate && isSent && !isTrial ? 1 : 0,
        }),
      ).catch(withdrawUnreplicated)) as ClaimAnswer | [ClaimAnswer, string | null, number?];
      if (!Array.isArray(reply)) return { answer: reply };
      const [answer, programVersion, waitMs] = reply;
      return {
        answer,
        ...(programVersion !== null && { programVersion }),
        ...(waitMs !== undefined && { waitMs }),
      };
    },
    async claimStage(job) {
      const [found] = await claimsOf([job]);
      return found === undefined || found.leftMs < 0 ? undefined : found.stage;
    },
    async inFlightMs(jobs) {
      const claims = await claimsOf(jobs);
      return jobs.map((job, nth) => {
        const { leftMs = -1, stage } = claims[nth] ?? {};
        return leftMs < 0 || stage !== 'sent' ? undefined : Math.max(0, ttlOf(job) - leftMs);
      });
    },
    async release(job, why, retryMs) {
      const wasSent = why !== undefined && failureKinds[why.code].stage !== 'before';
      const packed = packTimeline(
        timeline,
        wasSent ? [timelineEntryOf(job, { kind: 'attempt-failed', detail: why.code })] : [],
      );
      await release(
        [
          ...releaseKeys.pack({
            inFlight: keys.inFlight(job),
            campaign: keys.campaign(job.campaign),
            waiting: keys.cardWaiting(job),
          }),
          ...packed.keys,
        ],
        [
          ...releaseArgs.pack({
            delivery: job.deliveryId,
            run: job.runId ?? '',
            row: job.row,
            order: orderArg(job),
            // Later notifications of the card wait for this one; later updates need not.
            retryMs: job.action === 'notify' && isOrdered(job) ? (retryMs ?? '') : '',
          }),
          ...packed.args,
        ],
      );
    },
    async programVersion(campaign) {
      return (await redis.hget(keys.campaign(campaign), 'programVersion')) ?? undefined;
    },
  };
}

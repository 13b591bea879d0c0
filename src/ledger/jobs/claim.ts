/**
 * In-flight claims. A job claims its customer (create) or its card (update, notify) before the call, so that at
 * most one call for it is in flight. The claim also records that the call may have been sent: a create whose
 * claim outlives its worker ends as unknown.
 */

import { randomUUID } from 'node:crypto';
import { timelineEntryOf } from '../../domain/customers/timeline.ts';
import { type Failure, failureKinds } from '../../domain/failures/failure.ts';
import type { PassJob, QueuedJob } from '../../domain/jobs/pass-job.ts';
import type { Claim, ClaimAnswer } from '../../domain/jobs/settlement.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import {
  defineReplicatedScript,
  NotReplicatedError,
  type ReplicationOptions,
} from '../../kit/redis/replicated-script.ts';
import { packTimeline, recordTimelineLua, type TimelineWriter } from '../customers/timeline-writer.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';

export interface Claims {
  /** Claims the job's customer or card. `nonce`: of an earlier claim that is repeated before anything was sent. */
  claim(job: QueuedJob, nonce?: string): Promise<Claim>;
  /** Whether the job holds its claim: it was claimed, and neither settled nor released since. */
  isClaimed(job: QueuedJob): Promise<boolean>;
  /** Age (ms) of each job's claim; undefined for jobs without one. */
  inFlightMs(jobs: readonly QueuedJob[]): Promise<(number | undefined)[]>;
  /** Releases the claim without a final state: the job will be requeued. `why`: the failure of the call, if there was one. */
  release(job: QueuedJob, why?: Failure): Promise<void>;
}

/**
 * Lua function: returns the owner of a claim and the whole claim. The owner is the delivery id of the job, or `?`
 * and the job's id after an unknown outcome. The claim adds `#` and a nonce, by which a claim that is repeated
 * because Redis died before it answered recognizes itself.
 */
export const claimOwnerLua = `
local function claimOwner(inFlight)
  local claim = redis.call('GET', inFlight)
  return claim and claim:match('^[^#]*'), claim
end`;

const claimKeys = scriptKeys('campaign', 'settled', 'inFlight', 'card', 'gate');
const claimArgs = scriptArgs('delivery', 'nonce', 'row', 'isCreate', 'replacesCard', 'ttl');

/** Returns a {@link ClaimAnswer}; or an array of it, the program version, and the milliseconds until the gate opens. */
const claimScript = `${claimOwnerLua}
${claimKeys.lua}${claimArgs.lua}
local claim = delivery .. '#' .. nonce
local status, serial, version = unpack(redis.call('HMGET', campaign, 'status', 'serial', 'programVersion'))
if redis.call('GETBIT', settled, row) == 1 then return 'settled' end
local owner, current = claimOwner(inFlight)
-- The same claim again: after a wait, or because Redis died before it could answer. Nothing was sent yet.
local isRepeated = current == claim
if owner == delivery and not isRepeated and isCreate == '1' then return { 'sent-before', version } end
if status and status ~= 'running' then
  if owner == delivery then redis.call('DEL', inFlight) end
  return 'halted'
end
local closedMs = redis.call('PTTL', gate)
if closedMs > 0 then
  if isRepeated then redis.call('DEL', inFlight) end
  return { 'gate', false, closedMs }
end
if not isRepeated then
  if owner and owner ~= delivery then return owner:sub(1, 1) == '?' and 'card-unknown' or 'customer-busy' end
  if isCreate == '1' then
    local issuedBy = redis.call('GET', card)
    if issuedBy and issuedBy == serial then return 'duplicate' end
    if issuedBy and replacesCard == '0' then return 'has-card' end
  end
end
redis.call('SET', inFlight, claim, 'PX', ttl)
return { 'go', version }`;

/** Withdraws exactly this claim: an earlier one may belong to a call that was sent. KEYS: inFlight. ARGV: delivery, nonce. */
const withdrawScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] .. '#' .. ARGV[2] then redis.call('DEL', KEYS[1]) end`;

/** Remaining TTL (ms) of each job's claim; -1 if the job has none. KEYS: the claims. ARGV: the delivery ids. */
const claimTtlScript = `${claimOwnerLua}
local left = {}
for nth, inFlight in ipairs(KEYS) do
  left[nth] = claimOwner(inFlight) == ARGV[nth] and redis.call('PTTL', inFlight) or -1
end
return left`;

const releaseKeys = scriptKeys('inFlight', 'campaign');
const releaseArgs = scriptArgs('delivery');
const releaseScript = `${claimOwnerLua}${recordTimelineLua}
${releaseKeys.lua}${releaseArgs.lua}
if claimOwner(inFlight) == delivery then
  redis.call('DEL', inFlight)
  recordEvents(${releaseKeys.next}, ${releaseArgs.next}, campaign)
end`;

/** An update or notify that is in flight for longer died with its worker. It is idempotent, so it may be repeated. */
const CHANGE_TTL_MS = 60_000;

export interface ClaimOptions {
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
  { cardTtlMs, timeline, replicas }: ClaimOptions,
): Claims {
  const claim = defineScript(redis, 'claimJob', claimScript);
  const claimReplicated = defineReplicatedScript(redis, replicas, 'claimJob', claimScript);
  const withdraw = defineScript(redis, 'withdrawClaim', withdrawScript);
  const claimTtls = defineScript(redis, 'claimTtls', claimTtlScript);
  const release = defineScript(redis, 'releaseJob', releaseScript);

  const ttlOf = ({ action }: PassJob) => (action === 'create' ? cardTtlMs : CHANGE_TTL_MS);

  const inFlightMs: Claims['inFlightMs'] = async (jobs) => {
    if (jobs.length === 0) return [];
    const left = (await claimTtls(
      jobs.map((job) => keys.inFlight(job)),
      jobs.map(({ deliveryId }) => deliveryId),
    )) as number[];
    return jobs.map((job, nth) => {
      const ms = left[nth] ?? -1;
      return ms < 0 ? undefined : Math.max(0, ttlOf(job) - ms);
    });
  };

  return {
    async claim(job, nonce = randomUUID()) {
      const withdrawUnreplicated = async (error: unknown) => {
        if (!(error instanceof NotReplicatedError)) throw error;
        await withdraw([keys.inFlight(job)], [job.deliveryId, nonce]);
        return 'unconfirmed';
      };
      const isCreate = job.action === 'create';
      // Only a create needs replication: a lost claim of a PATCH at worst repeats the PATCH.
      const reply = (await (isCreate ? claimReplicated : claim)(
        claimKeys.pack({
          campaign: keys.campaign(job.campaign),
          settled: keys.settled(job.campaign),
          inFlight: keys.inFlight(job),
          card: keys.card(job),
          gate: keys.gate,
        }),
        claimArgs.pack({
          delivery: job.deliveryId,
          nonce,
          row: job.row,
          isCreate: isCreate ? 1 : 0,
          replacesCard: job.replaces === true ? 1 : 0,
          ttl: ttlOf(job),
        }),
      ).catch(withdrawUnreplicated)) as ClaimAnswer | [ClaimAnswer, string | null, number?];
      if (!Array.isArray(reply)) return { answer: reply, nonce };
      const [answer, programVersion, waitMs] = reply;
      return {
        answer,
        nonce,
        ...(programVersion !== null && { programVersion }),
        ...(waitMs !== undefined && { waitMs }),
      };
    },
    isClaimed: async (job) => (await inFlightMs([job]))[0] !== undefined,
    inFlightMs,
    async release(job, why) {
      const wasSent = why !== undefined && failureKinds[why.code].stage !== 'before';
      const packed = packTimeline(
        timeline,
        wasSent ? [timelineEntryOf(job, { kind: 'attempt-failed', detail: why.code })] : [],
      );
      await release(
        [
          ...releaseKeys.pack({ inFlight: keys.inFlight(job), campaign: keys.campaign(job.campaign) }),
          ...packed.keys,
        ],
        [...releaseArgs.pack({ delivery: job.deliveryId }), ...packed.args],
      );
    },
  };
}

/**
 * The doubt about creates, shared by all processes: while a create may have made its card without proof, one process at
 * a time sends one create as a trial, and no other create is claimed. So the number of creates without proof does not
 * grow with the number of processes, or with their restarts.
 *
 * The key exists from the first trial until one succeeds. While creates are proven, they cost one EXISTS in the script
 * of the claim, which runs in any case.
 */

import { randomUUID } from 'node:crypto';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';
import { redisTimeLua } from '../redis-time.ts';
import { scriptArgs } from '../script-params.ts';

export interface CreateDoubts {
  /**
   * Requests the right to send one create as a trial. `isShared`: the caller was told before that creates are in doubt,
   * so if they no longer are, a trial of another process has proven that they work.
   */
  beginTrial(options: { isShared: boolean }): Promise<TrialAnswer>;
  /** Reports how the trial of this process ended. Returns how long no trial may begin, ms. */
  endTrial(result: TrialResult): Promise<number>;
}

export type TrialAnswer =
  | { kind: 'granted' }
  /** `isPaused`: a trial has failed; otherwise the first trial is in flight. */
  | { kind: 'wait'; waitMs: number; isPaused: boolean }
  | { kind: 'proven' };

/** `made`: creates work. `maybe`: it may have made a card, too. `nothing`: it was not sent, or proves nothing. */
export type TrialResult = 'made' | 'maybe' | 'nothing';

export interface CreateDoubtsOptions {
  /** Pauses after failed trials, ms. */
  firstPauseMs?: number;
  maxPauseMs?: number;
}

/**
 * Trials that fail start 0, 5, 20, 65, 200, 605, 1205, 1805, 2405 and 3005 s after the first: at most 10 in the first
 * hour and 6 in each further one. The pauses have no jitter, which would allow more.
 */
const FIRST_PAUSE_MS = 5000;
const PAUSE_FACTOR = 3;
const MAX_PAUSE_MS = 600_000;
/** Longer than a trial: a call for a token and a create, of 10 s each at most. If its process dies, the next begins after it. */
const TRIAL_MS = 30_000;
/** How long others wait for a trial in flight before they ask again. */
const TRIAL_POLL_MS = 500;

/** Lua function: returns how long (ms) no create may be claimed but a trial, and whether one has failed; false if creates are not in doubt. */
export const createDoubtLua = `${redisTimeLua}
local function createDoubt(doubt)
  if redis.call('EXISTS', doubt) == 0 then return false end
  local till, trialTill, failures = unpack(redis.call('HMGET', doubt, 'until', 'trialUntil', 'failures'))
  local now = redisNow()
  local waitMs = math.max(0, (till or 0) - now)
  if tonumber(trialTill or 0) > now then waitMs = math.max(waitMs, ${TRIAL_POLL_MS}) end
  return waitMs, tonumber(failures or 0)
end`;

const beginArgs = scriptArgs('holder', 'isShared');
const beginScript = `${createDoubtLua}
local doubt = KEYS[1]
${beginArgs.lua}
local waitMs, failures = createDoubt(doubt)
if not waitMs and isShared == '1' then return { 'proven' } end
if waitMs and waitMs > 0 and redis.call('HGET', doubt, 'holder') ~= holder then return { 'wait', waitMs, failures } end
redis.call('HSET', doubt, 'holder', holder, 'trialUntil', redisNow() + ${TRIAL_MS})
return { 'granted' }`;

const endArgs = scriptArgs('holder', 'result', 'firstPause', 'maxPause');
/** Only the process whose trial it is changes anything. */
const endScript = `${redisTimeLua}
local doubt = KEYS[1]
${endArgs.lua}
if redis.call('HGET', doubt, 'holder') ~= holder then return 0 end
if result == 'made' then
  redis.call('DEL', doubt)
  return 0
end
redis.call('HDEL', doubt, 'holder', 'trialUntil')
if result == 'nothing' then
  -- Keeps the key: creates stay in doubt.
  redis.call('HSETNX', doubt, 'failures', 0)
  return 0
end
local failures = redis.call('HINCRBY', doubt, 'failures', 1)
local pauseMs = math.min(firstPause * ${PAUSE_FACTOR} ^ (failures - 1), maxPause)
redis.call('HSET', doubt, 'until', string.format('%.0f', redisNow() + pauseMs))
return pauseMs`;

/** One instance stands for one process. */
export function makeCreateDoubts(
  redis: RedisConnection,
  keys: LedgerKeys,
  { firstPauseMs = FIRST_PAUSE_MS, maxPauseMs = MAX_PAUSE_MS }: CreateDoubtsOptions = {},
): CreateDoubts {
  const begin = defineScript(redis, 'beginCreateTrial', beginScript);
  const end = defineScript(redis, 'endCreateTrial', endScript);
  const holder = randomUUID();
  return {
    async beginTrial({ isShared }) {
      const reply = await begin([keys.createDoubt], beginArgs.pack({ holder, isShared: isShared ? 1 : 0 }));
      const [kind, waitMs, failures] = reply as ['granted' | 'proven'] | ['wait', number, number];
      return kind === 'wait' ? { kind, waitMs, isPaused: failures > 0 } : { kind };
    },
    async endTrial(result) {
      const args = endArgs.pack({ holder, result, firstPause: firstPauseMs, maxPause: maxPauseMs });
      return Number(await end([keys.createDoubt], args));
    },
  };
}

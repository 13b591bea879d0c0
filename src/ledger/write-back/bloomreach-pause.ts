/**
 * The pause of write-backs, shared by all processes: the breaker towards Bloomreach. A failed call begins it or, as the
 * probe, prolongs it; it lasts for a backoff that doubles, or for as long as Bloomreach asks. After it, one process
 * sends one batch as a probe: a success ends the pause.
 */

import { impersonalDetail } from '../../domain/failures/cause.ts';
import type { Failure, FailureCode } from '../../domain/failures/failure.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';
import { redisTimeLua } from '../redis-time.ts';
import { scriptArgs } from '../script-params.ts';

export interface BloomreachPauses {
  /** Pauses all processes after a failed call, and returns for how long, ms. `isProbe`: the call was the probe. */
  pause(failure: Failure, options: { isProbe: boolean; random: number }): Promise<number>;
  /** Ends the pause. Returns false if there was none. */
  resume(): Promise<boolean>;
  /** Returns the pause; undefined if there is none. */
  current(): Promise<BloomreachPause | undefined>;
}

export interface BloomreachPause {
  /** Milliseconds until the next probe; 0 if it is due or in flight. */
  leftMs: number;
  /** When it began, ms since 1970 by the clock of Redis. */
  since: number;
  /** The latest failure. */
  code: FailureCode;
  status: number | undefined;
  detail: string;
}

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 30_000;
/** Characters of an answer that are kept. */
const MAX_DETAIL_LENGTH = 300;

/**
 * Lua functions. `pausedMs` returns how long nothing may be sent, and whether the next call is a probe. `beginProbe`
 * keeps the others waiting until the probe is answered or its lease has expired.
 */
export const pausedLua = `
local function pausedMs(pause, now)
  local till = redis.call('HGET', pause, 'until')
  return till and math.max(0, till - now) or 0, till and true or false
end
local function beginProbe(pause, now, lease) redis.call('HSET', pause, 'until', now + lease) end`;

const pauseArgs = scriptArgs('isProbe', 'share', 'retryAfter', 'code', 'status', 'detail');
const pauseScript = `${redisTimeLua}
local pause = KEYS[1]
${pauseArgs.lua}
local now = redisNow()
local till, failures, since = unpack(redis.call('HMGET', pause, 'until', 'failures', 'since'))
till, failures = tonumber(till or 0), tonumber(failures or 0)
-- Calls that were in flight when the pause began do not lengthen its backoff.
if isProbe == '1' or failures == 0 then
  failures = failures + 1
  till = 0
end
local backoff = math.min(${FIRST_PAUSE_MS} * 2 ^ (failures - 1), ${MAX_PAUSE_MS})
till = math.max(till, now + math.max(math.floor(backoff * share), tonumber(retryAfter)))
redis.call('HSET', pause, 'until', till, 'failures', failures, 'since', since or now, 'code', code, 'status', status, 'detail', detail)
return till - now`;

const currentScript = `${redisTimeLua}
local fields = redis.call('HMGET', KEYS[1], 'until', 'since', 'code', 'status', 'detail')
if not fields[1] then return false end
fields[1] = string.format('%.0f', math.max(0, fields[1] - redisNow()))
return fields`;

/** Up to this share of a pause is removed at random. */
const JITTER = 0.2;

export function makeBloomreachPauses(redis: RedisConnection, keys: LedgerKeys): BloomreachPauses {
  const begin = defineScript(redis, 'pauseWriteBacks', pauseScript);
  const current = defineScript(redis, 'currentWriteBackPause', currentScript);
  return {
    async pause(failed, { isProbe, random }) {
      const { code, status, retryAfterMs = 0 } = failed;
      const reply = await begin(
        [keys.bloomreachPause],
        pauseArgs.pack({
          isProbe: isProbe ? 1 : 0,
          share: 1 - JITTER * random,
          retryAfter: retryAfterMs,
          code,
          status: status ?? '',
          detail: impersonalDetail(failed).slice(0, MAX_DETAIL_LENGTH),
        }),
      );
      return Number(reply);
    },
    resume: async () => (await redis.del(keys.bloomreachPause)) === 1,
    async current() {
      const reply = (await current([keys.bloomreachPause], [])) as [string, ...(string | null)[]] | null;
      if (reply === null) return undefined;
      const [leftMs, since, code, status, detail] = reply;
      return {
        leftMs: Number(leftMs),
        since: Number(since),
        code: code as FailureCode,
        status: status === '' || status == null ? undefined : Number(status),
        detail: detail ?? '',
      };
    },
  };
}

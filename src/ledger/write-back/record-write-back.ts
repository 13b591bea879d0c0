/**
 * Gives each write-back its date, by which the newest one wins at Bloomreach, and puts it on its road: the outbox, whose
 * batches carry that date as `update_timestamp`, or an import.
 *
 * An import carries no dates: Bloomreach takes all its rows for as new as the import
 * (https://documentation.bloomreach.com/engagement/docs/customer-properties-synchronization). So while a write-back may
 * be imported, key `w` of its customer holds the date of the customer's latest write-back, and an import serves a row
 * only if that is still its own. Once served, the key holds in addition until when Bloomreach may take the row for new;
 * the customer's next write-back is not dated or sent before that.
 */

import { redisTimeLua } from '../redis-time.ts';

/** Lives as long as a write-back may wait for its import. After that, its row is sent in a batch, which is never wrong. */
const LATEST_TTL_MS = 2 * 86_400_000;

/** Lua functions that read the value of a `w` key: 13 digits, then perhaps `:` and the end of the served row's lead. */
export const latestWriteBackLua = `
local function latestAt(latest) return tonumber(latest:sub(1, 13)) end
local function importedUntil(latest) return tonumber(latest:sub(15)) or 0 end`;

/**
 * Lua functions. `nextDate` returns the date of a write-back that is recorded now: later than the customer's latest.
 * `queueWriteBack` stores a write-back, a JSON object without `at`; a large campaign uses imports.
 */
export const recordWriteBackLua = `${redisTimeLua}${latestWriteBackLua}
-- Every card needs it twice, and a command costs more than a table.
local known = {}
local function readLatest(key)
  if known[key] == nil then known[key] = redis.call('GET', key) end
  return known[key]
end
local function nextDate(latestKey)
  local latest = readLatest(latestKey)
  if not latest then return redisNow() end
  return math.max(redisNow(), latestAt(latest) + 1, importedUntil(latest))
end
local function queueWriteBack(campaign, keys, importAbove, expected, id, writeBack, at)
  local dated = writeBack:sub(1, -2) .. ',"at":' .. at .. '}'
  local latest = readLatest(keys.latest)
  known[keys.latest] = nil
  if importAbove and expected and tonumber(expected) >= tonumber(importAbove) and not (latest and latestAt(latest) > at) then
    redis.call('RPUSH', keys.pendingImport, dated)
    redis.call('SET', keys.latest, at, 'PX', ${LATEST_TTL_MS})
  else
    redis.call('HSET', keys.outbox, id, dated)
    redis.call('ZADD', keys.due, at, id)
    if latest and latestAt(latest) < at then redis.call('SET', keys.latest, at, 'KEEPTTL') end
  end
  redis.call('HINCRBY', campaign, 'writeBacks', 1)
end`;

/**
 * The order of the changes of a card: the newest data wins, whichever way it comes. Each change carries the order of
 * its data: a webhook request that of its acceptance, the rows of a campaign that of the moment in which its source was
 * opened, and a retry keeps that of its job. Changes are compared only with changes of the same kind and fields.
 *
 *   an older change comes up after a newer one was done     it ends superseded
 *   several updates of a card wait                          the newest goes first, so that it supersedes the others
 *   several notifications of a card wait                    the oldest goes first: each is meant to be delivered
 *
 * Only a change that is done supersedes others: one that fails leaves the card to the newest that succeeds.
 */

import type { PassJob, QueuedJob } from '../../domain/jobs/pass-job.ts';
import type { LedgerKeys } from '../keys.ts';

/** How long (ms) a change counts as waiting after it was requeued: it comes up again after a second, or a little more. */
export const WAITING_MS = 5000;

/**
 * Lua function `nextOrder`: returns the first of `count` orders, as text: microseconds since 1970 by the clock of Redis,
 * but always more than the last, in case that clock goes back.
 */
export const nextOrderLua = `
local function nextOrder(lastOrder, count)
  local time = redis.call('TIME')
  local order = math.max(time[1] * 1000000 + time[2], (redis.call('GET', lastOrder) or 0) + 1)
  redis.call('SET', lastOrder, string.format('%.0f', order + count - 1))
  return string.format('%.0f', order)
end`;

/**
 * Lua functions. A place is an order, a colon and the row: rows of one campaign have the same order. `waitForChange`
 * registers a change as waiting until `ms` from now; `blockedMs` returns how long another waiting change goes first, or
 * nil. The hash of waiting changes exists only while there are some.
 */
export const cardChangesLua = `
local function isOlder(one, other)
  local order, row = one:match('^(%d+):(%d+)$')
  local otherOrder, otherRow = other:match('^(%d+):(%d+)$')
  if order ~= otherOrder then return tonumber(order) < tonumber(otherOrder) end
  return tonumber(row) < tonumber(otherRow)
end
local function placeOf(order, opened, row)
  if order == '' then order = opened end
  return order and order .. ':' .. row
end
local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function waitForChange(waiting, place, ms)
  redis.call('HSET', waiting, place, string.format('%.0f', nowMs() + ms))
  if redis.call('PTTL', waiting) < ms then redis.call('PEXPIRE', waiting, ms) end
end
local function blockedMs(waiting, place, oldestFirst)
  local entries = redis.call('HGETALL', waiting)
  if #entries == 0 then return nil end
  local now, longest = nowMs(), nil
  for nth = 1, #entries, 2 do
    local other, until_ = entries[nth], tonumber(entries[nth + 1])
    if until_ <= now then redis.call('HDEL', waiting, other)
    elseif other ~= place and isOlder(other, place) == oldestFirst then longest = math.max(longest or 0, until_ - now) end
  end
  return longest
end`;

/** Returns the keys of a change; those of a create, which needs none, are never used. */
export function changeKeysOf(keys: LedgerKeys, job: QueuedJob): { change: string; waiting: string } {
  return { change: keys.cardChange(job), waiting: keys.cardWaiting(job) };
}

/** Whether a job is a change whose order is kept: its fields are known once its body is composed. */
export function isOrdered({ action, fields }: Pick<QueuedJob, 'action' | 'fields'>): boolean {
  return action !== 'create' && fields !== undefined;
}

/** Returns a job's own order for a script; '' for that of its campaign. */
export function orderArg({ order }: PassJob): string {
  return order === undefined ? '' : String(order);
}

/** A job has ended: everything that follows from it, in one step, by the first who says so. */

import { fileFailureLua } from '../failures/causes.ts';
import { failureGuardLua } from './failure-guard.ts';
import { holderLua } from './in-flight-claim.ts';
import { timelineLua } from '../customers/timeline-writes.ts';
import { recordNotificationLua } from './notification-limits.ts';

/** Keys that stand before those of a failure and of a person, and arguments. */
const FIRST_KEY = 10;
const FIRST_ARG = 13;

/**
 * Returns 1, or 0 where the row had ended before. What a text argument leaves empty does not happen.
 * The keys and arguments of a failure and of a person follow, where there is one: most jobs succeed.
 */
export const settleScript = `${holderLua}${failureGuardLua}${recordNotificationLua}${timelineLua}${fileFailureLua}
local campaign, settled, flight, card, outbox, outboxDue, loose, skipped, rings = unpack(KEYS)
local me, job, row, state, now, ttl, hasCard, rang, writeBack, due, failure, reason = unpack(ARGV)
if redis.call('SETBIT', settled, row, 1) == 1 then return 0 end
redis.call('HINCRBY', campaign, state, 1)
if holder(flight) == me then
  if state == 'unknown' then redis.call('SET', flight, '?' .. job, 'PX', ttl)
  else redis.call('DEL', flight) end
end
local serial, importAbove, expected = unpack(redis.call('HMGET', campaign, 'serial', 'importAbove', 'expected'))
serial = serial or 0
if hasCard == '1' then redis.call('SET', card, serial, 'PX', ttl) end
if reason ~= '' then
  redis.call('SETBIT', skipped, row, 1)
  redis.call('HINCRBY', campaign, 'skipped:' .. reason, 1)
end
if writeBack ~= '' then
  -- Those of a large campaign gather for an import; see there.
  if importAbove and expected and tonumber(expected) >= tonumber(importAbove) then
    redis.call('RPUSH', loose, writeBack)
  else
    redis.call('HSET', outbox, job, writeBack)
    redis.call('ZADD', outboxDue, due, job)
  end
  redis.call('HINCRBY', campaign, 'saves', 1)
end
if failure ~= '' then
  local causes, failed, others = unpack(KEYS, ${FIRST_KEY}, ${FIRST_KEY + 2})
  local cause, othersId, pattern = unpack(ARGV, ${FIRST_ARG}, ${FIRST_ARG + 2})
  fileFailure(causes, failed, others, cause, othersId, pattern, now, job, failure)
  if state == 'done' then
    redis.call('HINCRBY', campaign, 'saves', 1)
    redis.call('HINCRBY', campaign, 'unsaved', 1)
  end
end
if rang == '1' then noteRing(rings, now) end
if state ~= 'done' and state ~= 'skipped' then guardFailures(campaign, now) end
local behind = failure == '' and 0 or 3
notePeople(${FIRST_KEY} + behind, ${FIRST_ARG} + behind, campaign, serial)
return 1`;

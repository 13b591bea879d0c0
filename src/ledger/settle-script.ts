/** A job has ended: everything that follows from it, in one step, by the first who says so. */

import { failureGuardLua } from './failure-guard.ts';
import { holderLua } from './flight.ts';
import { goesByImportLua } from './parcels.ts';
import { notePersonLua } from './people.ts';
import { noteRingLua } from './rings.ts';

/** Returns 1, or 0 where the row had ended before. What a text argument leaves empty does not happen. */
export const settleScript = `${holderLua}${goesByImportLua}${failureGuardLua}${noteRingLua}${notePersonLua}
local campaign, settled, flight, card, outbox, outboxDue, loose, failed, skipped, rings, people, byEmail, byCard = unpack(KEYS)
local me, job, row, state, now, ttl, hasCard, rang, writeBack, due, failure, reason, expireAt = unpack(ARGV)
if redis.call('SETBIT', settled, row, 1) == 1 then return 0 end
redis.call('HINCRBY', campaign, state, 1)
if holder(flight) == me then
  if state == 'unknown' then redis.call('SET', flight, '?' .. job, 'PX', ttl)
  else redis.call('DEL', flight) end
end
if hasCard == '1' then
  redis.call('SET', card, redis.call('HGET', campaign, 'serial') or 0, 'PX', ttl)
end
if reason ~= '' then
  redis.call('SETBIT', skipped, row, 1)
  redis.call('HINCRBY', campaign, 'skipped:' .. reason, 1)
end
if writeBack ~= '' then
  if goesByImport(campaign) then
    redis.call('RPUSH', loose, writeBack)
  else
    redis.call('HSET', outbox, job, writeBack)
    redis.call('ZADD', outboxDue, due, job)
  end
  redis.call('HINCRBY', campaign, 'saves', 1)
end
if failure ~= '' then
  redis.call('HSET', failed, job, failure)
  if state == 'done' then
    redis.call('HINCRBY', campaign, 'saves', 1)
    redis.call('HINCRBY', campaign, 'unsaved', 1)
  end
end
if rang == '1' then noteRing(rings, now) end
if state ~= 'done' and state ~= 'skipped' then guardFailures(campaign, now) end
if expireAt then notePerson(people, byEmail, byCard, unpack(ARGV, 13)) end
return 1`;

/** May this job be sent, and nobody else for its customer until it is settled? One answer, in one step. */

import { holderLua } from './flight.ts';

/**
 * Returns a Claim. KEYS: campaign, settled, flight, card. ARGV: the job's id in the queue, a nonce of
 * this claim, its row, 1 for a create, 1 where it replaces a card, milliseconds that the mark lives.
 */
export const claimScript = `${holderLua}
local campaign, settled, flight, card = unpack(KEYS)
local me, nonce, row, creates, replaces, ttl = unpack(ARGV)
local mark = me .. '#' .. nonce
if redis.call('GETBIT', settled, row) == 1 then return 'settled' end
local out, standing = holder(flight)
-- This very claim, asked again because Redis died before it could answer.
if standing == mark then return 'go' end
if out == me and creates == '1' then return 'sent-before' end
local status, serial = unpack(redis.call('HMGET', campaign, 'status', 'serial'))
if status and status ~= 'running' then
  if out == me then redis.call('DEL', flight) end
  return 'halted'
end
if out and out ~= me then return out:sub(1, 1) == '?' and 'card-unknown' or 'customer-busy' end
if creates == '1' then
  local madeBy = redis.call('GET', card)
  if madeBy and madeBy == serial then return 'duplicate' end
  if madeBy and replaces == '0' then return 'has-card' end
end
redis.call('SET', flight, mark, 'PX', ttl)
return 'go'`;

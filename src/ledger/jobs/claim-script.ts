/** May this job be sent, and nobody else for its customer until it is settled? One answer, in one step. */

import { holderLua } from './in-flight-claim.ts';

/**
 * Returns the answer of a Claim, what the job goes by where it holds the customer, and how long nobody may
 * be called. KEYS: campaign, settled, flight, card, gate. ARGV: the job's stay in the queue, a nonce of this
 * claim, its row, 1 for a create, 1 where it replaces a card, milliseconds that the mark lives.
 */
export const claimScript = `${holderLua}
local campaign, settled, flight, card, gate = unpack(KEYS)
local me, nonce, row, creates, replaces, ttl = unpack(ARGV)
local mark = me .. '#' .. nonce
local status, serial, version = unpack(redis.call('HMGET', campaign, 'status', 'serial', 'programVersion'))
if redis.call('GETBIT', settled, row) == 1 then return 'settled' end
local out, standing = holder(flight)
-- Nothing was sent by this very claim yet: it is asked again after a wait, or because Redis died before it could answer.
local again = standing == mark
if out == me and not again and creates == '1' then return { 'sent-before', version } end
if status and status ~= 'running' then
  if out == me then redis.call('DEL', flight) end
  return 'halted'
end
local closed = redis.call('PTTL', gate)
if closed > 0 then
  if again then redis.call('DEL', flight) end
  return { 'gate', false, closed }
end
if not again then
  if out and out ~= me then return out:sub(1, 1) == '?' and 'card-unknown' or 'customer-busy' end
  if creates == '1' then
    local madeBy = redis.call('GET', card)
    if madeBy and madeBy == serial then return 'duplicate' end
    if madeBy and replaces == '0' then return 'has-card' end
  end
end
redis.call('SET', flight, mark, 'PX', ttl)
return { 'go', version }`;

/** The status of a campaign as scripts see it. `finished` is not stored: it follows from the counters. */

import { finalStates } from '../../domain/jobs/outcome.ts';

/**
 * Lua function: returns a campaign's status, and the number of its rows that were read and are not settled. Returns
 * nil if there is no such campaign.
 */
export const campaignStatusLua = `
local function campaignStatus(campaign)
  local status, fed, rows = unpack(redis.call('HMGET', campaign, 'status', 'fed', 'rows'))
  if not status then return nil, 0 end
  local unsettled = tonumber(rows or 0)
  for _, count in ipairs(redis.call('HMGET', campaign, ${finalStates.map((state) => `'${state}'`).join(', ')})) do
    unsettled = unsettled - (count or 0)
  end
  if status ~= 'stopped' and fed == '1' and unsettled == 0 then status = 'finished' end
  return status, unsettled
end`;

/** Pauses a campaign in which too much fails, in the very step that counts one failure too many. */

import { FEWEST_FAILURES } from '../../domain/campaigns/guards.ts';

/**
 * A fragment for scripts that count failures. What had failed when the campaign was resumed is
 * not held against it again.
 */
export const failureGuardLua = `
local function guardFailures(campaign, now)
  local status, pauseAt, done, rejected, failed, unknown, seenFailures, seenEnded = unpack(redis.call('HMGET', campaign,
    'status', 'pauseAt', 'done', 'rejected', 'failed', 'unknown', 'seen:failures', 'seen:ended'))
  if not pauseAt or status ~= 'running' then return end
  local failures = (rejected or 0) + (failed or 0) + (unknown or 0)
  local ended = (done or 0) + failures - (seenEnded or 0)
  failures = failures - (seenFailures or 0)
  if failures < ${FEWEST_FAILURES} or failures < pauseAt * ended then return end
  redis.call('HSET', campaign, 'status', 'paused', 'halt', cjson.encode({
    kind = 'failures', by = 'passbridge', at = tonumber(now),
    reason = string.format('%d of %d rows that ended were rejected, failed or are unknown.', failures, ended),
  }))
end

local function forgiveFailures(campaign)
  local done, rejected, failed, unknown = unpack(redis.call('HMGET', campaign, 'done', 'rejected', 'failed', 'unknown'))
  local failures = (rejected or 0) + (failed or 0) + (unknown or 0)
  redis.call('HSET', campaign, 'seen:failures', failures, 'seen:ended', (done or 0) + failures)
end`;

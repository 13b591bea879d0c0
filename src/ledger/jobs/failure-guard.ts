/** Pauses a campaign whose share of failures reaches its limit, in the script that counts the failure. */

import { MIN_FAILURES } from '../../domain/campaigns/safeguards/failure-share.ts';

/**
 * Lua functions. `guardFailures` pauses the campaign if too many rows failed; `resetFailureBaseline` excludes the
 * failures so far, when an operator resumes the campaign.
 */
export const failureGuardLua = `
local function guardFailures(campaign, now)
  local status, pauseAt, done, rejected, failed, unknown, baseFailures, baseEnded = unpack(redis.call('HMGET', campaign,
    'status', 'pauseAt', 'done', 'rejected', 'failed', 'unknown', 'baseline:failures', 'baseline:ended'))
  if not pauseAt or status ~= 'running' then return end
  local failures = (rejected or 0) + (failed or 0) + (unknown or 0)
  local ended = (done or 0) + failures - (baseEnded or 0)
  failures = failures - (baseFailures or 0)
  if failures < ${MIN_FAILURES} or failures < pauseAt * ended then return end
  redis.call('HSET', campaign, 'status', 'paused', 'halt', cjson.encode({
    kind = 'failures', by = 'passbridge', at = tonumber(now),
    reason = string.format('%d of %d ended rows were rejected, failed or are unknown.', failures, ended),
  }))
end

local function resetFailureBaseline(campaign)
  local done, rejected, failed, unknown = unpack(redis.call('HMGET', campaign, 'done', 'rejected', 'failed', 'unknown'))
  local failures = (rejected or 0) + (failed or 0) + (unknown or 0)
  redis.call('HSET', campaign, 'baseline:failures', failures, 'baseline:ended', (done or 0) + failures)
end`;

/** Pauses a campaign whose share of failures reaches its limit, in the script that counts the failure. */

import { MIN_FAILURES } from '../../domain/campaigns/safeguards/failure-share.ts';

/**
 * Lua functions. `guardFailures` pauses the campaign if too many rows failed; `resetFailureBaseline` excludes the
 * failures so far, when an operator resumes the campaign.
 *
 * Rows are read far ahead of their calls, and a row that is rejected where it is read ends at once. Among the ended
 * rows such rejections are too many until the calls catch up, so they are compared with the rows read.
 */
export const failureGuardLua = `
local function failureCounts(campaign)
  local counts = redis.call('HMGET', campaign, 'rows', 'skipped', 'done', 'rejected', 'failed', 'unknown', 'rejectedOnRead')
  for i = 1, 7 do counts[i] = tonumber(counts[i] or 0) end
  local rows, skipped, done, rejected, failed, unknown, rejectedOnRead = unpack(counts)
  local failures = rejected + failed + unknown
  return { read = rows - skipped, ended = done + failures, failures = failures, rejectedOnRead = rejectedOnRead }
end

local function guardFailures(campaign, now)
  local status, pauseAt, baseline = unpack(redis.call('HMGET', campaign, 'status', 'pauseAt', 'failureBaseline'))
  if not pauseAt or status ~= 'running' then return end
  local counts = failureCounts(campaign)
  for name, count in pairs(baseline and cjson.decode(baseline) or {}) do counts[name] = counts[name] - count end
  local function pauseIfTooMany(failures, all, which)
    if failures < ${MIN_FAILURES} or failures < pauseAt * all then return false end
    redis.call('HSET', campaign, 'status', 'paused', 'halt', cjson.encode({
      kind = 'failures', by = 'passbridge', at = tonumber(now),
      reason = string.format('%d of %d %s were rejected, failed or are unknown.', failures, all, which),
    }))
    return true
  end
  if not pauseIfTooMany(counts.failures - counts.rejectedOnRead, counts.ended - counts.rejectedOnRead, 'ended rows') then
    pauseIfTooMany(counts.failures, math.max(counts.read, counts.ended), 'rows read')
  end
end

local function resetFailureBaseline(campaign)
  redis.call('HSET', campaign, 'failureBaseline', cjson.encode(failureCounts(campaign)))
end`;

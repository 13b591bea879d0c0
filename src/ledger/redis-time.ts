/**
 * The clock of Redis. Times that processes share (due times, leases, the order of write-backs) must come from it: the
 * clock of a host may be wrong, and a worker that is an hour ahead would delay them by an hour.
 */

/** Lua function: returns ms since 1970. */
export const redisTimeLua = `
local function redisNow()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end`;

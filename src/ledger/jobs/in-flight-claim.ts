/** Who is out: what the flight keys hold, for the scripts that read them. */

/**
 * The mark of a call that is out is the stay of its job in the queue, `#`, and a nonce of the claim that
 * made it: a claim that is asked again because Redis died before it could answer knows its own mark.
 */
export const holderLua = `
local function holder(flight)
  local out = redis.call('GET', flight)
  return out and out:match('^[^#]*'), out
end`;

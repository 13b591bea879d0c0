/** Detects repeated deliveries: by the key that the sender gave them, or by equal content. */

import { digest } from '../keys.ts';

/** Keys are chosen by the sender, so they live for a day; equal content counts as a repeat for as long as a sender may retry. */
const KEY_TTL_MS = 24 * 60 * 60_000;
const CONTENT_TTL_MS = 10 * 60_000;

export interface Idempotency {
  /** Digest under which the delivery is remembered. */
  key: string;
  /** Digest of the content, which must be equal under the same key. */
  content: string;
  ttlMs: number;
}

/** `senderKey`: the sender's key, unique within the endpoint; undefined if there is none. */
export function idempotencyOf(content: string, senderKey: string | undefined): Idempotency {
  const contentDigest = digest(content);
  return senderKey === undefined
    ? { key: contentDigest, content: contentDigest, ttlMs: CONTENT_TTL_MS }
    : { key: digest(senderKey), content: contentDigest, ttlMs: KEY_TTL_MS };
}

/**
 * Lua functions. `findRepeat` returns the id of the earlier delivery with this key, '' if that one had different
 * content, or nil. `remember` stores a delivery.
 */
export const idempotencyLua = `
local function findRepeat(key, content)
  local stored = redis.call('GET', key)
  if not stored then return nil end
  local id, storedContent = stored:match('^(%S+) (%S+)$')
  return storedContent == content and id or ''
end
local function remember(key, id, content, ttl)
  redis.call('SET', key, id .. ' ' .. content, 'PX', ttl)
end`;

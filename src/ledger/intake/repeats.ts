/** Tells what comes again from what is new: by the name that its sender gave it, or by its content. */

import { digest } from '../digest.ts';

/** A day for a name, which somebody chose; ten minutes for a content, as long as a sender that got no answer may repeat it. */
const NAME_LIFE_MS = 24 * 60 * 60_000;
const CONTENT_LIFE_MS = 10 * 60_000;

export interface Mark {
  /** Under which it is remembered. */
  key: string;
  /** What has to be the same under the same key. */
  content: string;
  lifeMs: number;
}

/** `name`: what its sender calls it, unique within what it is sent to. */
export function markOf(content: string, name: string | undefined): Mark {
  const sum = digest(content);
  return name === undefined
    ? { key: sum, content: sum, lifeMs: CONTENT_LIFE_MS }
    : { key: digest(name), content: sum, lifeMs: NAME_LIFE_MS };
}

/**
 * Defines for scripts `known`, the id of what came under that key before, empty where that had another
 * content, or nil, and `remember`.
 */
export const repeatsLua = `
local function known(key, content)
  local mark = redis.call('GET', key)
  if not mark then return nil end
  local id, was = mark:match('^(%S+) (%S+)$')
  return was == content and id or ''
end
local function remember(key, id, content, life)
  redis.call('SET', key, id .. ' ' .. content, 'PX', life)
end`;

/** Who is signed in where. Of a session's id only a digest is kept: whoever reads Redis cannot take one over. */

import { hash, randomBytes } from 'node:crypto';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface Sessions {
  /** Keeps it for so many milliseconds from now on; nothing where it has been removed. */
  save(id: string, session: unknown, ttlMs: number): Promise<void>;
  find(id: string): Promise<unknown>;
  /** For good: a request that was under way then does not bring it back. */
  remove(id: string): Promise<void>;
  /** What session cookies are signed with: the same for all processes, made by the first. */
  signingSecret(): Promise<string>;
}

/** What stands in the place of one that was removed. */
const REMOVED = 'removed';
/** No request is under way for longer, but for streams, which save nothing at their end. */
const REMOVED_MS = 10 * 60_000;

const saveScript = `
if redis.call('GET', KEYS[1]) ~= '${REMOVED}' then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end`;

export function makeSessions(redis: RedisConnection, keys: LedgerKeys): Sessions {
  const save = defineScript(redis, 'saveSession', saveScript);
  const keyOf = (id: string) => keys.session(hash('sha256', id, 'base64url'));
  return {
    async save(id, session, ttlMs) {
      await save([keyOf(id)], [JSON.stringify(session), Math.ceil(ttlMs)]);
    },
    async find(id) {
      const found = await redis.get(keyOf(id));
      return found === null || found === REMOVED ? undefined : (JSON.parse(found) as unknown);
    },
    async remove(id) {
      await redis.set(keyOf(id), REMOVED, 'PX', REMOVED_MS);
    },
    async signingSecret() {
      await redis.set(keys.signingSecret, randomBytes(32).toString('base64url'), 'NX');
      return (await redis.get(keys.signingSecret)) ?? '';
    },
  };
}

/** Sessions of the dashboard. Only digests of session ids are stored, so that reading Redis is not enough to take over a session. */

import { hash, randomBytes } from 'node:crypto';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface Sessions {
  /** Stores a session for `ttlMs`; does nothing if it was removed. */
  save(id: string, session: unknown, ttlMs: number): Promise<void>;
  find(id: string): Promise<unknown>;
  /** Removes a session permanently: a concurrent request cannot restore it. */
  remove(id: string): Promise<void>;
  /** The key that signs session cookies, shared by all processes; the first one generates it. */
  signingSecret(): Promise<string>;
}

/** Replaces a removed session. */
const REMOVED = 'removed';
/** Must be longer than any request takes, except for streams, which save no session. */
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

/** Connections to Redis, by the manner of their use, and scripts that run in it. */

import { Redis } from 'ioredis';

/** Where Redis is: a URL, or the unix socket of a private server. */
export type RedisAddress = { url: string } | { path: string };

/**
 * Opens a connection that waits out an outage: commands are kept and sent once Redis is back, for
 * background work that would only have to repeat them.
 */
export function connectPatiently(address: RedisAddress): Redis {
  const options = { maxRetriesPerRequest: null, retryStrategy: reconnectDelay };
  const redis = 'url' in address ? new Redis(address.url, options) : new Redis(address.path, options);
  // ioredis reconnects by itself; without a listener every lost connection would be printed as unhandled.
  redis.on('error', () => {});
  return redis;
}

/** Quick at first, since a restarted Redis is back in well under a second; then once a second. */
function reconnectDelay(times: number): number {
  return Math.min(times * 50, 1000);
}

export type ScriptCall = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

/** Makes a Lua script callable; it is sent once per connection and called by its hash after that. */
export function defineScript(redis: Redis, name: string, lua: string): ScriptCall {
  redis.defineCommand(name, { lua });
  const command: unknown = Reflect.get(redis, name);
  if (typeof command !== 'function') throw new Error(`ioredis did not define the script ${name}`);
  return async (keys, args) => {
    const reply: unknown = await Reflect.apply(command, redis, [keys.length, ...keys, ...args]);
    return reply;
  };
}

/** Whether Redis itself said no: full, read-only, loading. */
export function isRedisRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/** One attempt to reach the server at a socket, and what came of it. */

import { Redis, ReplyError } from 'ioredis';
import { PrivateRedisError } from './private-redis-error.ts';

/**
 * `nobody` listens at the socket (it may be missing, or left behind by a killed server); somebody
 * does but is `busy` loading its data, or `silent`; or it answers over an open connection.
 */
export type Contact =
  | { state: 'answers'; redis: Redis }
  | { state: 'busy'; reply: string }
  | { state: 'silent' }
  | { state: 'nobody' };

/** Longer than a disk that is slow to sync may hold a healthy server up. */
const ANSWER_MS = 10_000;

/** Connects and pings. The connection does not come back by itself: that it ended is the news. */
export async function contact(socketPath: string): Promise<Contact> {
  const redis = new Redis(socketPath, {
    lazyConnect: true,
    retryStrategy: () => null,
    // A handshake would fail while the server loads, and hide that it is there.
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
  });
  let refusal: NodeJS.ErrnoException | undefined;
  redis.on('error', (error) => {
    refusal ??= error;
  });
  try {
    await redis.connect();
    await redis.ping();
    return { state: 'answers', redis };
  } catch (error) {
    hangUp(redis);
    if (refusal?.code === 'EACCES') {
      throw new PrivateRedisError(
        `The private Redis at ${socketPath} belongs to another user: run passbridge as that user, or choose another DATA_DIR.`,
      );
    }
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ReplyError) return { state: 'busy', reply: message };
    return { state: message.includes('timed out') || refusal?.code === 'ETIMEDOUT' ? 'silent' : 'nobody' };
  }
}

/** Disconnects where that is still to do: on a closed connection ioredis would hold the process for 2 s. */
export function hangUp(redis: Redis): void {
  if (redis.status !== 'close' && redis.status !== 'end') redis.disconnect();
}

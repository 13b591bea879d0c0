/** A single attempt to reach the server at a socket. */

import { Redis, ReplyError } from 'ioredis';
import { ping } from '../redis/refusal.ts';
import { PrivateRedisError } from './location.ts';

/**
 * `down`: nothing listens at the socket; it may be missing, or left behind by a killed server. `busy`: a
 * server is loading its data. `silent`: a server accepts connections but does not reply. `up`: it replies
 * over the open connection.
 */
export type ProbeResult =
  | { state: 'up'; redis: Redis }
  | { state: 'busy'; reply: string }
  | { state: 'silent' }
  | { state: 'down' };

/** Longer than a slow disk may block a healthy server. */
const TIMEOUT_MS = 10_000;

/** Connects and pings. The connection does not reconnect: its end means that the server is gone. */
export async function probe(socketPath: string): Promise<ProbeResult> {
  const redis = new Redis(socketPath, {
    lazyConnect: true,
    retryStrategy: () => null,
    // A handshake would fail while the server loads, and hide that it is there.
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
  });
  let connectError: NodeJS.ErrnoException | undefined;
  redis.on('error', (error) => {
    connectError ??= error;
  });
  try {
    await redis.connect();
    await ping(redis);
    return { state: 'up', redis };
  } catch (error) {
    disconnect(redis);
    if (connectError?.code === 'EACCES') {
      throw new PrivateRedisError(
        `The private Redis at ${socketPath} belongs to another user. Run passbridge as that user, or choose another DATA_DIR.`,
      );
    }
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ReplyError) return { state: 'busy', reply: message };
    const isTimeout = message.includes('timed out') || connectError?.code === 'ETIMEDOUT';
    return { state: isTimeout ? 'silent' : 'down' };
  }
}

/** Disconnects if still connected: on a closed connection ioredis would keep the process alive for 2 s. */
export function disconnect(redis: Redis): void {
  if (redis.status !== 'close' && redis.status !== 'end') redis.disconnect();
}

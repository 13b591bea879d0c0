/**
 * BullMQ's configuration of the pass queue, which it keeps in Redis. BullMQ must honor its pause key, which carries
 * the 429 gate, but must not limit jobs itself: it would count batch jobs, from the moment a worker takes them. The
 * call limiter counts calls.
 */

import { QueueKeys } from 'bullmq';
import type { Logger } from '../kit/logger.ts';
import type { Part } from '../kit/part.ts';
import { startPeriodic } from '../kit/periodic.ts';
import { defineScript, type RedisConnection } from '../kit/redis/redis.ts';
import { queueNames } from './names.ts';

/** Jobs per second that no worker reaches: BullMQ reads the pause key only if a rate limit is configured. */
const UNREACHABLE_RATE = 1_000_000;

/** Clearing a queue by hand also deletes its configuration. */
const CHECK_EVERY_MS = 30_000;

/** Writes what BullMQ's `setGlobalRateLimit` writes, and removes any concurrency limit. KEYS: meta. ARGV: rate. */
const assertConfigScript = `
local concurrency, max = unpack(redis.call('HMGET', KEYS[1], 'concurrency', 'max'))
if not concurrency and max == ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'concurrency')
redis.call('HSET', KEYS[1], 'max', ARGV[1], 'duration', 1000)
return 1`;

/** Makes the function that sets the configuration and returns whether it had to change anything. */
export function makeAssertQueueConfig(redis: RedisConnection, prefix: string): () => Promise<boolean> {
  const meta = new QueueKeys(prefix).toKey(queueNames.pass, 'meta');
  const assertConfig = defineScript(redis, 'assertQueueConfig', assertConfigScript);
  return async () => (await assertConfig([meta], [UNREACHABLE_RATE])) === 1;
}

/** Sets the configuration before it resolves, then checks it every 30 s. */
export async function keepQueueConfig(assertConfig: () => Promise<boolean>, log: Logger): Promise<Part> {
  await assertConfig();
  const work = async () => {
    if (await assertConfig()) {
      log.error(
        { event: 'queue.config-restored' },
        'BullMQ’s configuration of the pass queue was missing or changed; it is restored',
      );
    }
  };
  return startPeriodic({
    name: 'queue config check',
    everyMs: CHECK_EVERY_MS,
    firstAfterMs: CHECK_EVERY_MS,
    work,
    log,
  });
}

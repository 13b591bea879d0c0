/** The first contact with Redis: waits while it is down, but fails fast if the address is wrong. */

import type { RedisConnection } from './redis.ts';
import { ping } from './refusal.ts';

/** Errors that no waiting will cure, and their remedies. */
const permanentErrors: readonly { pattern: RegExp; remedy: string }[] = [
  {
    pattern: /cluster support disabled/,
    remedy: 'Redis is not a Cluster. Set REDIS_URL to redis://host:port.',
  },
  {
    pattern: /No such master|got an invalid reply: null/,
    remedy:
      'The sentinels know no master of that name. Set REDIS_URL to redis+sentinel://host:port/master-name.',
  },
  {
    pattern: /unknown command.*sentinel/is,
    remedy: 'Redis is not a sentinel. Set REDIS_URL to redis://host:port, or to the port of the sentinels.',
  },
  {
    pattern: /NOAUTH|WRONGPASS|invalid password|invalid username-password/,
    remedy: 'Redis rejects the user name or the password in REDIS_URL. Correct them.',
  },
];

/** Milliseconds after which the operator is told why the start takes so long. */
const REPORT_AFTER_MS = 3000;

/** Resolves with undefined when Redis answers, or with the remedy if the address is wrong. */
export async function waitForRedis(
  redis: RedisConnection,
  say: (line: string) => void,
): Promise<string | undefined> {
  let lastError = 'no reply';
  let giveUp: ((remedy: string) => void) | undefined;
  const failed = new Promise<string>((resolve) => (giveUp = resolve));
  const onError = (error: Error) => {
    lastError = error.message;
    const permanent = permanentErrors.find(({ pattern }) => pattern.test(error.message));
    if (permanent !== undefined) giveUp?.(permanent.remedy);
  };
  // Emitted for the connection itself, a node of a Cluster, and a sentinel.
  const events = ['error', 'node error', 'sentinelError'];
  for (const event of events) redis.on(event, onError);
  const report = setTimeout(() => say(`Waiting for Redis: ${lastError}`), REPORT_AFTER_MS);
  const answered = ping(redis).then(
    () => undefined,
    async (error: Error) => {
      onError(error);
      return failed;
    },
  );
  try {
    return await Promise.race([answered, failed]);
  } finally {
    clearTimeout(report);
    for (const event of events) redis.off(event, onError);
  }
}

/** The first answer of a Redis: waited for where it is away, and not where the address is of something else. */

import type { RedisConnection } from './redis.ts';

/** An answer that no waiting will change, and what to do about it. */
const mistakes: readonly { sign: RegExp; remedy: string }[] = [
  {
    sign: /cluster support disabled/,
    remedy: 'Redis is no Cluster. Set REDIS_URL to redis://host:port.',
  },
  {
    sign: /No such master|got an invalid reply: null/,
    remedy:
      'The sentinels know no master of that name. Set REDIS_URL to redis+sentinel://host:port/master-name.',
  },
  {
    sign: /unknown command.*sentinel/is,
    remedy: 'Redis is no sentinel. Set REDIS_URL to redis://host:port, or to the port of the sentinels.',
  },
  {
    sign: /NOAUTH|WRONGPASS|invalid password|invalid username-password/,
    remedy: 'Redis refuses the user name or the password in REDIS_URL.',
  },
];

/** Milliseconds after which a person is told what is waited for. */
const TELL_AFTER_MS = 3000;

/** Resolves once it answers, with nothing, or with what is wrong with the address. */
export async function reachRedis(
  redis: RedisConnection,
  say: (line: string) => void,
): Promise<string | undefined> {
  let last = 'no answer';
  let refuse: ((remedy: string) => void) | undefined;
  const refused = new Promise<string>((resolve) => (refuse = resolve));
  const heard = (error: Error) => {
    last = error.message;
    const mistake = mistakes.find(({ sign }) => sign.test(error.message));
    if (mistake !== undefined) refuse?.(mistake.remedy);
  };
  // Of the connection itself, of a node of a Cluster, and of a sentinel.
  const events = ['error', 'node error', 'sentinelError'];
  for (const event of events) redis.on(event, heard);
  const telling = setTimeout(() => say(`Waiting for Redis: ${last}`), TELL_AFTER_MS);
  const answered = redis.ping().then(
    () => undefined,
    async (error: Error) => {
      heard(error);
      return refused;
    },
  );
  try {
    return await Promise.race([answered, refused]);
  } finally {
    clearTimeout(telling);
    for (const event of events) redis.off(event, heard);
  }
}

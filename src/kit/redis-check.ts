/** Whether a Redis may be trusted with jobs. What is refused here would lose them later, quietly. */

import type { Redis } from 'ioredis';

const OLDEST = [6, 2] as const;

/** One sentence, with the remedy, for each thing that is wrong; empty when all is well. */
export async function redisProblems(redis: Pick<Redis, 'info'>): Promise<string[]> {
  const facts = readInfo(await redis.info());
  const problems: string[] = [];
  const version = facts.get('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    problems.push(`Redis is ${version}; passbridge needs ${OLDEST.join('.')} or newer.`);
  }
  const policy = facts.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    problems.push(
      `Redis would throw jobs away when its memory is full (maxmemory-policy is ${policy}). ` +
        'Set it: redis-cli CONFIG SET maxmemory-policy noeviction, and in redis.conf.',
    );
  }
  if (facts.get('role') === 'slave') {
    problems.push('Redis is a read-only replica. Set REDIS_URL to its primary.');
  }
  return problems;
}

/** `INFO` as `name → value`. */
function readInfo(text: string): Map<string, string> {
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
    }),
  );
}

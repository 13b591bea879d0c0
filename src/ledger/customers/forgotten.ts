/**
 * Whom somebody had forgotten lately, by digests of what names them: a file that a campaign reads may
 * still hold their row.
 */

import type { RedisConnection } from '../../kit/redis/redis.ts';
import { type Customer, emailOf, type PassJob, passIdOf } from '../../domain/jobs/pass-job.ts';
import { idsOf, type CustomerQuery } from '../../domain/customers/customer-query.ts';
import { defineScript } from '../../kit/redis/redis.ts';
import { digest } from '../digest.ts';
import type { LedgerKeys } from '../keys.ts';
import { cardField, emailField } from './customer-layout.ts';

export interface Forgotten {
  /** Whoever is named so is on the list for the card TTL from `now` (ms). */
  add(who: CustomerQuery, now: number): Promise<void>;
  /** Those of the jobs whose customers are on the list. */
  among(jobs: readonly PassJob[], now: number): Promise<PassJob[]>;
}

/** The list as a whole ends with the last on it. */
const addScript = `
local expiry, now = ARGV[1], ARGV[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for i = 3, #ARGV do redis.call('ZADD', KEYS[1], expiry, ARGV[i]) end
redis.call('PEXPIREAT', KEYS[1], redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2])`;

/** `ttlMs`: the card TTL. */
export function makeForgotten(
  redis: RedisConnection,
  keys: LedgerKeys,
  { ttlMs }: { ttlMs: number },
): Forgotten {
  const add = defineScript(redis, 'addForgotten', addScript);
  return {
    async add({ ids, email, passId }, now) {
      const names = [
        ...ids.map(digest),
        ...(email === undefined ? [] : [emailField(email)]),
        ...(passId === undefined ? [] : [cardField(passId)]),
      ];
      await add([keys.forgotten], [Math.ceil(now + ttlMs), now, ...names]);
    },
    async among(jobs, now) {
      // Nearly always there is nobody: the digests are not worth making.
      if (jobs.length === 0 || (await redis.exists(keys.forgotten)) === 0) return [];
      const names = jobs.map(({ customer }) => namesOf(customer));
      const ends = await redis.zmscore(keys.forgotten, ...names.flat());
      const named = new Set(names.flat().filter((_, index) => Number(ends[index] ?? 0) > now));
      return jobs.filter((_, index) => names[index]?.some((name) => named.has(name)));
    },
  };
}

function namesOf(customer: Customer): string[] {
  const email = emailOf(customer);
  const passId = passIdOf(customer);
  return [
    ...idsOf(customer).map(digest),
    ...(email === undefined ? [] : [emailField(email)]),
    ...(passId === undefined ? [] : [cardField(passId)]),
  ];
}

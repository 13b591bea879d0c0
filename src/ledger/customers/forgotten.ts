/**
 * Customers forgotten recently, as digests of their ids, emails and cards. A file that a campaign reads later may
 * still contain their rows.
 */

import { idsOf, type CustomerQuery } from '../../domain/customers/customer-query.ts';
import { type Customer, emailOf, type PassJob, passIdOf } from '../../domain/jobs/pass-job.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { digest, type LedgerKeys } from '../keys.ts';
import { cardTerm, emailTerm } from './customer-layout.ts';

export interface Forgotten {
  /** Adds everything the query names, for the card TTL from `now` (ms). */
  add(query: CustomerQuery, now: number): Promise<void>;
  /** Returns the jobs whose customers are on the list. */
  among(jobs: readonly PassJob[], now: number): Promise<PassJob[]>;
}

/** The key expires with its last entry. */
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
    async add(query, now) {
      await add([keys.forgotten], [Math.ceil(now + ttlMs), now, ...termsOf(query)]);
    },
    async among(jobs, now) {
      // The list is nearly always empty; this saves computing the digests.
      if (jobs.length === 0 || (await redis.exists(keys.forgotten)) === 0) return [];
      const terms = jobs.map(({ customer }) => termsOf(queryOf(customer)));
      const ends = await redis.zmscore(keys.forgotten, ...terms.flat());
      const listed = new Set(terms.flat().filter((_, index) => Number(ends[index] ?? 0) > now));
      return jobs.filter((_, index) => terms[index]?.some((term) => listed.has(term)));
    },
  };
}

function queryOf(customer: Customer): CustomerQuery {
  const email = emailOf(customer);
  const passId = passIdOf(customer);
  return {
    ids: idsOf(customer),
    ...(email !== undefined && { email }),
    ...(passId !== undefined && { passId }),
  };
}

function termsOf({ ids, email, passId }: CustomerQuery): string[] {
  return [
    ...ids.map(digest),
    ...(email === undefined ? [] : [emailTerm(email)]),
    ...(passId === undefined ? [] : [cardTerm(passId)]),
  ];
}

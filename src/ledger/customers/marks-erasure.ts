/** Takes away what is kept under the digest of a customer, a card or a job. */

import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { Customer } from '../../domain/jobs/pass-job.ts';
import { defineScript } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

/** Each returns how many there were. */
export interface MarksErasure {
  /** That the customer got a card of the program, or may have: both keep a second one from being made. */
  cards(program: string, customer: Customer): Promise<number>;
  /** When the card rang. */
  rings(passId: string): Promise<number>;
  /** What somebody who waits for the jobs is told. */
  answers(jobs: readonly string[]): Promise<number>;
}

/** A call that is out keeps its mark. */
const eraseUnknownScript = `
local out = redis.call('GET', KEYS[1])
if not out or out:sub(1, 1) ~= '?' then return 0 end
return redis.call('DEL', KEYS[1])`;

export function makeMarksErasure(redis: RedisConnection, keys: LedgerKeys): MarksErasure {
  const eraseUnknown = defineScript(redis, 'eraseUnknownMark', eraseUnknownScript);
  return {
    async cards(program, customer) {
      const made = await redis.del(keys.card({ program, customer }));
      return made + Number(await eraseUnknown([keys.createFlight({ program, customer })], []));
    },
    rings: (passId) => redis.del(keys.notificationsOf(passId)),
    answers: async (jobs) => (jobs.length === 0 ? 0 : redis.unlink(jobs.map(keys.answer))),
  };
}

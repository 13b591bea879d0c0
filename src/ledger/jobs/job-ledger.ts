/**
 * Tracks single jobs from claim to settlement. Both are atomic: a job that runs twice because a worker died is counted
 * once and makes one card.
 */

import { type Customer, customerKey, type PassJob } from '../../domain/jobs/pass-job.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';
import { scriptArgs, scriptKeys } from '../script-params.ts';
import { claimOwnerLua, type Claims, type ClaimsOptions, makeClaims } from './claim.ts';
import { makeSettle, type Settle } from './settle.ts';
import type { SettleOptions } from './settled-facts.ts';

export interface JobLedger extends Claims {
  /** Records a final state, unless the row has one that stands. */
  settle: Settle;
  /** Skips a job that was not sent yet because its customer is forgotten. Records no timeline event. */
  skipForgotten(job: PassJob): Promise<SkipForgotten>;
  /**
   * Erases that a customer has, or may have, a card of a program: a later campaign may issue a second one. Keeps
   * the claim of a call that is in flight. Returns the number of records erased.
   */
  eraseCard(program: string, customer: Customer): Promise<number>;
}

/** After `skipped` and `settled` the job may be removed from the queue; after `in-flight` it must stay. */
export type SkipForgotten = 'skipped' | 'settled' | 'in-flight';

const skipKeys = scriptKeys('campaign', 'settled', 'inFlight', 'parked', 'skipped');
const skipArgs = scriptArgs('id', 'row');
/** Recognizes the claim of any delivery of the job: its delivery ids start with the job's id and `@`. */
const skipForgottenScript = `${claimOwnerLua}
${skipKeys.lua}${skipArgs.lua}
local owner = claimOwner(inFlight)
if owner and owner:sub(1, #id + 1) == id .. '@' then return 'in-flight' end
redis.call('HDEL', parked, id)
if redis.call('SETBIT', settled, row, 1) == 1 then return 'settled' end
redis.call('HINCRBY', campaign, 'skipped', 1)
redis.call('HINCRBY', campaign, 'skipped:forgotten', 1)
redis.call('SETBIT', skipped, row, 1)
return 'skipped'`;

const eraseUnknownScript = `
local claim = redis.call('GET', KEYS[1])
if not claim or claim:sub(1, 1) ~= '?' then return 0 end
return redis.call('DEL', KEYS[1])`;

export function makeJobLedger(
  redis: RedisConnection,
  keys: LedgerKeys,
  options: ClaimsOptions & SettleOptions,
): JobLedger {
  const skip = defineScript(redis, 'skipForgotten', skipForgottenScript);
  const eraseUnknown = defineScript(redis, 'eraseUnknownClaim', eraseUnknownScript);

  return {
    ...makeClaims(redis, keys, options),
    settle: makeSettle(redis, keys, options),
    async skipForgotten(job) {
      const { campaign, id, row } = job;
      const reply = await skip(
        skipKeys.pack({
          campaign: keys.campaign(campaign),
          settled: keys.settled(campaign),
          inFlight: keys.inFlight(job),
          parked: keys.parked(campaign),
          skipped: keys.skipped(campaign, 'forgotten'),
        }),
        skipArgs.pack({ id, row }),
      );
      return reply as SkipForgotten;
    },
    async eraseCard(program, customer) {
      const issued = await redis.del(keys.card({ program, customer }));
      await redis.del(keys.latestWriteBack(customerKey(customer)));
      return issued + Number(await eraseUnknown([keys.inFlightCreate({ program, customer })], []));
    },
  };
}

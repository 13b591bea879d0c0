/** Records cards that Bloomreach knows and a restored store does not, so that no campaign makes them again. */

import type { CustomerCard } from '../../domain/campaigns/reconcile.ts';
import type { PassJob } from '../../domain/jobs/pass-job.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { cardDigest } from '../jobs/settled-facts.ts';
import type { LedgerKeys } from '../keys.ts';

export interface ReconcileCards {
  /** Returns for each customer whether the card was unknown, in order. `dryRun`: records nothing. */
  record(program: string, cards: readonly CustomerCard[], dryRun: boolean): Promise<boolean[]>;
}

/**
 * KEYS: the card and the in-flight claim of each customer. ARGV: TTL (ms), `1` for a dry run, and for each customer the
 * campaign's serial number, or an empty text if any card will do, and the digest of the card. A claim of a customer with a card is from before the
 * loss: its job would end unknown although its card is known.
 */
const recordScript = `
local ttl, dryRun = ARGV[1], ARGV[2] == '1'
local unknown = {}
for i = 1, #KEYS, 2 do
  local serial, cardDigest = ARGV[i + 2], ARGV[i + 3]
  local card = redis.call('GET', KEYS[i])
  local isUnknown = not card or (serial ~= '' and card:match('^%d+') ~= serial)
  unknown[#unknown + 1] = isUnknown and 1 or 0
  if not dryRun then
    if isUnknown then redis.call('SET', KEYS[i], (serial ~= '' and serial or 0) .. ' ' .. cardDigest, 'PX', ttl) end
    redis.call('DEL', KEYS[i + 1])
  end
end
return unknown`;

/** `ttlMs`: how long a card counts as fresh. */
export function makeReconcileCards(
  redis: RedisConnection,
  keys: LedgerKeys,
  { ttlMs }: { ttlMs: number },
): ReconcileCards {
  const record = defineScript(redis, 'reconcileCards', recordScript);
  const serialOf = async (campaign: string) => (await redis.hget(keys.campaign(campaign), 'serial')) ?? '';

  return {
    async record(program, cards, dryRun) {
      if (cards.length === 0) return [];
      const campaigns = [...new Set(cards.map(({ campaign }) => campaign).filter((id) => id !== undefined))];
      const serials = new Map(
        await Promise.all(campaigns.map(async (id) => [id, await serialOf(id)] as const)),
      );
      const owners = cards.map(({ customer }): Pick<PassJob, 'program' | 'customer'> => ({
        program,
        customer,
      }));
      const reply = (await record(
        owners.flatMap((owner) => [keys.card(owner), keys.inFlightCreate(owner)]),
        [
          ttlMs,
          dryRun ? 1 : 0,
          ...cards.flatMap(({ campaign = '', passId }) => [
            serials.get(campaign) ?? '',
            cardDigest({ passId }),
          ]),
        ],
      )) as number[];
      return reply.map((isUnknown) => isUnknown === 1);
    },
  };
}

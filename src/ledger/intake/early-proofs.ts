/**
 * Proofs of cards that arrived before their job had ended: Passmachine sends the event when it has made the card, and
 * the call may time out ten seconds later. They are kept until the job ends.
 */

import type { EarlyProof } from '../../domain/jobs/card-proof.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import { hashPages } from '../hash-values.ts';
import type { LedgerKeys } from '../keys.ts';

export interface EarlyProofs {
  add(proof: EarlyProof): Promise<void>;
  /** All of them, in pages; one added meanwhile may be missing. */
  pages(): AsyncIterable<EarlyProof[]>;
  count(): Promise<number>;
  /** Removes the proofs of these jobs; returns how many there were. */
  remove(jobs: readonly string[]): Promise<number>;
}

const PAGE = 200;

export function makeEarlyProofs(redis: RedisConnection, keys: LedgerKeys): EarlyProofs {
  return {
    async add(proof) {
      await redis.hset(keys.earlyProofs, proof.job, JSON.stringify(proof));
    },
    pages: () => hashPages(redis, keys.earlyProofs, PAGE),
    count: () => redis.hlen(keys.earlyProofs),
    remove: async (jobs) => (jobs.length === 0 ? 0 : redis.hdel(keys.earlyProofs, ...jobs)),
  };
}

/** Throughput samples of running campaigns, so that every process estimates the same remaining time. */

import type { Progress } from '../../domain/campaigns/finish.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface ThroughputLedger {
  /** Adds a sample for each campaign. */
  add(samples: ReadonlyMap<string, Progress>): Promise<void>;
  /** Drops the samples of halted campaigns: the throughput after the halt is measured separately. */
  reset(campaigns: readonly string[]): Promise<void>;
  /** The samples of each campaign, oldest first; they remain for {@link KEPT_MS} after it ended. */
  read(campaigns: readonly string[]): Promise<Map<string, Progress[]>>;
}

const KEPT_SAMPLES = 25;
const KEPT_MS = 10 * 60_000;

export function makeThroughputLedger(redis: RedisConnection, keys: LedgerKeys): ThroughputLedger {
  return {
    async add(samples) {
      const writing = redis.pipeline();
      for (const [campaign, progress] of samples) {
        const key = keys.throughput(campaign);
        writing.rpush(key, JSON.stringify(progress)).ltrim(key, -KEPT_SAMPLES, -1).pexpire(key, KEPT_MS);
      }
      await writing.exec();
    },
    async reset(campaigns) {
      if (campaigns.length > 0) await redis.del(campaigns.map(keys.throughput));
    },
    async read(campaigns) {
      const found = await Promise.all(
        campaigns.map(async (campaign) => {
          const samples = await redis.lrange(keys.throughput(campaign), 0, -1);
          return [campaign, samples.map((sample) => JSON.parse(sample) as Progress)] as const;
        }),
      );
      return new Map(found);
    },
  };
}

/** What each channel was notified of, shared by all processes that may send alerts. */

import type { RedisConnection } from '../../kit/redis/redis.ts';
import { type AlertWatch, emptyWatch } from '../../domain/monitoring/alert-changes.ts';
import type { EndsWatch } from '../../domain/monitoring/campaign-ends.ts';
import type { LedgerKeys } from '../keys.ts';

export interface AlertWatches {
  find(channel: string): Promise<AlertWatch>;
  save(channel: string, watch: AlertWatch): Promise<void>;
  /** Returns which ended campaigns a channel was notified of; undefined if nothing was recorded yet. */
  findEnds(channel: string): Promise<EndsWatch | undefined>;
  saveEnds(channel: string, watch: EndsWatch): Promise<void>;
}

export function makeAlertWatches(redis: RedisConnection, keys: LedgerKeys): AlertWatches {
  return {
    async find(channel) {
      const found = await redis.hget(keys.alertWatches, channel);
      return found === null ? emptyWatch : (JSON.parse(found) as AlertWatch);
    },
    async save(channel, watch) {
      await redis.hset(keys.alertWatches, channel, JSON.stringify(watch));
    },
    async findEnds(channel) {
      const found = await redis.hget(keys.alertWatches, endsField(channel));
      return found === null ? undefined : (JSON.parse(found) as EndsWatch);
    },
    async saveEnds(channel, watch) {
      await redis.hset(keys.alertWatches, endsField(channel), JSON.stringify(watch));
    },
  };
}

function endsField(channel: string): string {
  return `${channel}:ended`;
}

/** What each channel was told of, for whichever process looks next. */

import type { RedisConnection } from '../../kit/redis/redis.ts';
import { type AlertWatch, nothingWatched } from '../../domain/monitoring/alert-changes.ts';
import type { LedgerKeys } from '../keys.ts';

export interface AlertWatches {
  find(channel: string): Promise<AlertWatch>;
  keep(channel: string, watch: AlertWatch): Promise<void>;
}

export function makeAlertWatches(redis: RedisConnection, keys: LedgerKeys): AlertWatches {
  return {
    async find(channel) {
      const found = await redis.hget(keys.alertWatches, channel);
      return found === null ? nothingWatched : (JSON.parse(found) as AlertWatch);
    },
    async keep(channel, watch) {
      await redis.hset(keys.alertWatches, channel, JSON.stringify(watch));
    },
  };
}

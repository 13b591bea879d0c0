/** Which files of a source were taken, by which campaign: nobody gets the same one twice. */

import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface TakenFile {
  /** Names the file and its version. */
  key: string;
  /** When it was written, ms, by the clock of its place. */
  modifiedAt: number;
}

export interface TakenFiles {
  /** Those of a source that were taken last, with the campaigns that took them. */
  of(source: string): Promise<{ keys: ReadonlyMap<string, string>; newest: number | undefined }>;
  /** Taking it twice changes nothing. */
  take(source: string, file: TakenFile, campaign: string): Promise<void>;
}

/** Nothing older than the newest is ever taken, so a few would do; these are for people to look at. */
const KEPT = 200;

export function makeTakenFiles(redis: RedisConnection, keys: LedgerKeys): TakenFiles {
  return {
    async of(source) {
      const taken = (await redis.zrange(keys.taken(source), 0, '-1', 'WITHSCORES')).map(String);
      const files = taken.flatMap((entry, index) => {
        if (index % 2 === 1) return [];
        const { key, campaign } = JSON.parse(entry) as { key: string; campaign: string };
        return [{ key, campaign, modifiedAt: Number(taken[index + 1]) }];
      });
      return {
        keys: new Map(files.map(({ key, campaign }) => [key, campaign])),
        newest: files.at(-1)?.modifiedAt,
      };
    },
    async take(source, { key, modifiedAt }, campaign) {
      await redis
        .multi()
        .zadd(keys.taken(source), modifiedAt, JSON.stringify({ key, campaign }))
        .zremrangebyrank(keys.taken(source), 0, -KEPT - 1)
        .exec();
    },
  };
}

/** What failed, by campaign and cause, with all that is needed to judge it and to send it again. */

import type { FailedRecord } from '../../domain/failures/failed.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import { type CauseFound, makeCauses } from './causes.ts';
import type { LedgerKeys } from '../keys.ts';

export interface FailurePage {
  /** In no order. */
  records: FailedRecord[];
  /** Where the next page begins; undefined behind the last. */
  next: string | undefined;
}

export interface FailureIndex {
  /** The causes of a campaign under which records stand. */
  causes(campaign: string): Promise<CauseFound[]>;
  /** The records of one cause, in pages, in no order; some twice, and one that is taken off meanwhile perhaps not. */
  pages(campaign: string, cause: string): AsyncIterable<FailedRecord[]>;
  /** Up to `size` of them, at the same cost wherever they lie; `cursor`: the `next` of the page before. */
  page(
    campaign: string,
    cause: string,
    options: { size: number; cursor?: string | undefined },
  ): Promise<FailurePage>;
  /** Those among some failures (ids of jobs, or numbers of rows) that stand under a cause. */
  among(campaign: string, cause: string, ids: readonly string[]): Promise<FailedRecord[]>;
  /** How many there are. */
  count(campaign: string, cause: string): Promise<number>;
  /** Any one of them. */
  example(campaign: string, cause: string): Promise<FailedRecord | undefined>;
}

/** Records looked at at once. */
const STEP = 200;

export function makeFailureIndex(redis: RedisConnection, keys: LedgerKeys): FailureIndex {
  const scan = async (key: string, cursor: string, count: number) => {
    const [next, flat] = await redis.hscan(key, cursor, 'COUNT', count);
    // Field, value, field, value, …
    return { next, records: flat.filter((_, index) => index % 2 === 1).map(readRecord) };
  };

  return {
    causes: makeCauses(redis, keys).of,
    async *pages(campaign, cause) {
      let cursor = '0';
      do {
        const { next, records } = await scan(keys.failed(campaign, cause), cursor, STEP);
        cursor = next;
        yield records;
      } while (cursor !== '0');
    },
    async page(campaign, cause, { size, cursor = '0.0' }) {
      // Redis gives somewhat more than it is asked for, and a small hash at once: a page may begin amid that.
      const [from = '0', skip = '0'] = cursor.split('.');
      const { next, records } = await scan(keys.failed(campaign, cause), from, size);
      const end = Number(skip) + size;
      const behind = next === '0' ? undefined : `${next}.0`;
      return {
        records: records.slice(Number(skip), end),
        next: records.length > end ? `${from}.${end}` : behind,
      };
    },
    async among(campaign, cause, ids) {
      if (ids.length === 0) return [];
      const found = await redis.hmget(keys.failed(campaign, cause), ...ids);
      return found.filter((text) => text !== null).map(readRecord);
    },
    count: (campaign, cause) => redis.hlen(keys.failed(campaign, cause)),
    async example(campaign, cause) {
      const reply = (await redis.hrandfield(keys.failed(campaign, cause), 1, 'WITHVALUES')) as string[];
      return reply[1] === undefined ? undefined : readRecord(reply[1]);
    },
  };
}

function readRecord(text: string): FailedRecord {
  return JSON.parse(text) as FailedRecord;
}

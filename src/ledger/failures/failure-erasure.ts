/** Takes records of failures away for good, without a trace: their rows stay counted as they are. */

import type { RedisConnection } from '../../kit/redis/redis.ts';
import { type DiscardedRecord, type FailedRecord, jobIdOf, rowOf } from '../../domain/failures/failed.ts';
import { defineScript } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface FailureErasure {
  /** Returns how many were there. A record of another time is another failure of the same job, and stays. */
  erase(campaign: string, cause: string, records: readonly FailedRecord[]): Promise<number>;
  /** The same of those that were discarded. */
  eraseDiscarded(campaign: string, records: readonly FailedRecord[]): Promise<number>;
  /** All discarded records of a campaign, in pages, in no order; some perhaps twice. */
  discarded(campaign: string): AsyncIterable<DiscardedRecord[]>;
}

/** What was said of a cause may quote somebody: it goes with the last of its records. */
const eraseScript = `
local records, causes = unpack(KEYS)
local erased = 0
for i = 2, #ARGV, 2 do
  local standing = redis.call('HGET', records, ARGV[i])
  if standing and cjson.decode(standing).at == tonumber(ARGV[i + 1]) then
    erased = erased + redis.call('HDEL', records, ARGV[i])
  end
end
if erased > 0 and redis.call('EXISTS', records) == 0 then redis.call('HDEL', causes, ARGV[1]) end
return erased`;

/** Records looked at at once. */
const STEP = 200;

export function makeFailureErasure(redis: RedisConnection, keys: LedgerKeys): FailureErasure {
  const script = defineScript(redis, 'eraseFailures', eraseScript);

  const erase = async (campaign: string, key: string, cause: string, records: readonly FailedRecord[]) => {
    if (records.length === 0) return 0;
    const named = records.flatMap((record) => [jobIdOf(record) ?? rowOf(record), record.at]);
    return Number(await script([key, keys.causes(campaign)], [cause, ...named]));
  };

  return {
    erase: (campaign, cause, records) => erase(campaign, keys.failed(campaign, cause), cause, records),
    // No cause has an empty id.
    eraseDiscarded: (campaign, records) => erase(campaign, keys.discarded(campaign), '', records),
    async *discarded(campaign) {
      let cursor = '0';
      do {
        const [next, flat] = await redis.hscan(keys.discarded(campaign), cursor, 'COUNT', STEP);
        cursor = next;
        // Field, value, field, value, …
        yield flat.filter((_, index) => index % 2 === 1).map((text) => JSON.parse(text) as DiscardedRecord);
      } while (cursor !== '0');
    },
  };
}

/** Takes a customer out of the people index: the record, the rows that lead to it, and every pair. */

import type { RedisConnection } from '../../kit/redis/redis.ts';
import { campaignAndRow } from '../../domain/jobs/job-id.ts';
import type { CustomerTimeline } from '../../domain/customers/timeline.ts';
import { defineScript } from '../../kit/redis/redis.ts';
import { digest } from '../digest.ts';
import type { LedgerKeys } from '../keys.ts';
import { DIGEST, makeSlices, placeOf, placeOfRow, SHARDS } from './customer-layout.ts';

/** Returns whether anything was there. */
export type EraseCustomer = (person: CustomerTimeline, now: number) => Promise<boolean>;

const eraseRowScript = `
local offset, person = tonumber(ARGV[1]), ARGV[2]
if redis.call('GETRANGE', KEYS[1], offset, offset + #person - 1) ~= person then return 0 end
redis.call('SETRANGE', KEYS[1], offset, string.rep('\\0', #person))
return 1`;

/** Which e-mails led to somebody is not known any more, so all pairs of a hash are gone through. */
const erasePairsScript = `
local person, erased = ARGV[1], 0
local entries = redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  local pairs = entries[i + 1]
  if pairs:find(person, 1, true) then
    local kept = {}
    for at = 1, #pairs, ${2 * DIGEST} do
      local pair = pairs:sub(at, at + ${2 * DIGEST - 1})
      if pair:sub(${DIGEST + 1}) == person then erased = erased + 1 else kept[#kept + 1] = pair end
    end
    if #kept == 0 then redis.call('HDEL', KEYS[1], entries[i])
    else redis.call('HSET', KEYS[1], entries[i], table.concat(kept)) end
  end
end
return erased`;

/** `ttlMs`: the card TTL. */
export function makeEraseCustomer(
  redis: RedisConnection,
  keys: LedgerKeys,
  { ttlMs }: { ttlMs: number },
): EraseCustomer {
  const slices = makeSlices(ttlMs);
  const eraseRow = defineScript(redis, 'erasePersonOfRow', eraseRowScript);
  const erasePairs = defineScript(redis, 'erasePairs', erasePairsScript);

  return async ({ customer, events }, now) => {
    const person = digest(customer);
    const { shard } = placeOf(person);
    let erased = 0;
    for (const id of new Set(events.map(({ job }) => job))) {
      const job = campaignAndRow(id);
      if (job === undefined) continue;
      const { part, offset } = placeOfRow(job.row);
      erased += Number(await eraseRow([keys.customersOf(job.campaign, part)], [offset, person]));
    }
    for (const slice of slices.living(now)) {
      erased += await redis.hdel(keys.people(slice, shard), person);
      // Each looks through a hash: few milliseconds where there are millions of customers.
      const found = Array.from({ length: SHARDS }, (_, at) => erasePairs([keys.found(slice, at)], [person]));
      erased += (await Promise.all(found)).reduce<number>((sum, count) => sum + Number(count), 0);
    }
    return erased > 0;
  };
}

/** Finds customers by email, customer id, card id or job id, with their latest timeline events, and erases them. */

import type { CustomerTimeline } from '../../domain/customers/timeline.ts';
import { campaignAndRow, rowJobId } from '../../domain/jobs/job-id.ts';
import { defineScript, type RedisConnection } from '../../kit/redis/redis.ts';
import { digest, type LedgerKeys } from '../keys.ts';
import {
  cardTerm,
  DIGEST,
  emailTerm,
  locationOf,
  makeSlices,
  rowLocation,
  SHARDS,
} from './customer-layout.ts';
import { readRecord } from './customer-record.ts';

export interface CustomerIndex {
  /** Customers whose email, id, card id or job id equals `text`. Case-sensitive, except for emails. `now`: ms. */
  find(text: string, now: number): Promise<CustomerTimeline[]>;
  /** Whether a card is known as another customer's than this one's, given as `type:value`. `now`: ms. */
  isCardOfOther(passId: string, customer: string, now: number): Promise<boolean>;
  /** All customers, in 256 pages. */
  all(now: number): AsyncIterable<CustomerTimeline[]>;
  /** Erases a customer's record, the rows and all search terms that lead to it; false if nothing was there. */
  erase(timeline: CustomerTimeline, now: number): Promise<boolean>;
}

const PAIR = 2 * DIGEST;

/** Zeroes the digest of a row's customer. */
const eraseRowScript = `
local offset, customer = tonumber(ARGV[1]), ARGV[2]
if redis.call('GETRANGE', KEYS[1], offset, offset + #customer - 1) ~= customer then return 0 end
redis.call('SETRANGE', KEYS[1], offset, string.rep('\\0', #customer))
return 1`;

/** Removes a customer's pairs. Scans the whole hash, because the emails that led to the customer are not stored. */
const erasePairsScript = `
local customer, erased = ARGV[1], 0
local entries = redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  local pairs = entries[i + 1]
  if pairs:find(customer, 1, true) then
    local kept = {}
    for at = 1, #pairs, ${PAIR} do
      local pair = pairs:sub(at, at + ${PAIR - 1})
      if pair:sub(${DIGEST + 1}) == customer then erased = erased + 1 else kept[#kept + 1] = pair end
    end
    if #kept == 0 then redis.call('HDEL', KEYS[1], entries[i])
    else redis.call('HSET', KEYS[1], entries[i], table.concat(kept)) end
  end
end
return erased`;

/** `ttlMs`: the card TTL. `idTypes`: types tried for an id without a type. */
export function makeCustomerIndex(
  redis: RedisConnection,
  keys: LedgerKeys,
  { ttlMs, idTypes }: { ttlMs: number; idTypes: readonly string[] },
): CustomerIndex {
  const slices = makeSlices(ttlMs);
  const eraseRow = defineScript(redis, 'eraseRowCustomer', eraseRowScript);
  const erasePairs = defineScript(redis, 'eraseCustomerPairs', erasePairsScript);

  /** The values of a hash field in all living slices, oldest first. */
  const valuesOf = async (
    keyIn: (slice: number) => string,
    field: string,
    now: number,
  ): Promise<string[]> => {
    const found = await Promise.all(slices.living(now).map((slice) => redis.hget(keyIn(slice), field)));
    return found.filter((value) => value !== null);
  };

  const recordsOf = (customer: string, now: number) =>
    valuesOf((slice) => keys.customers(slice, locationOf(customer).shard), customer, now);

  const customersByTerm = async (term: string, now: number): Promise<string[]> => {
    const { shard, bucket } = locationOf(term);
    const entries = await valuesOf((slice) => keys.customerLookup(slice, shard), bucket, now);
    const pairs = entries.flatMap(splitPairs).filter((pair) => pair.startsWith(term));
    return pairs.map((pair) => pair.slice(DIGEST));
  };

  const customerOfJob = async (id: string): Promise<string[]> => {
    const job = campaignAndRow(id);
    if (job === undefined) return [];
    const { part, offset } = rowLocation(job.row);
    const found = await redis.getrange(keys.rowCustomers(job.campaign, part), offset, offset + DIGEST - 1);
    // The digest of a row not yet processed is zeros.
    return found.length === DIGEST && !found.includes('\0') ? [found] : [];
  };

  /** `customers`: the records of each customer, oldest first, at least one. */
  const read = async (customers: readonly string[][]): Promise<CustomerTimeline[]> => {
    const found = customers.map((records) => records.map(readRecord));
    const serials = [...new Set(found.flat().flatMap(({ events }) => events.map(({ serial }) => serial)))];
    const ids = serials.length === 0 ? [] : await redis.hmget(keys.campaignSerials, ...serials);
    const campaigns = new Map(serials.map((serial, n) => [serial, ids[n] ?? `campaign ${serial}`]));
    return found.map((records) => ({
      customer: records[0]?.customer ?? '',
      events: records.flatMap(({ events }) =>
        events.map(({ serial, row, ...event }) => ({
          ...event,
          job: rowJobId(campaigns.get(serial) ?? '', Number(row)),
        })),
      ),
    }));
  };

  return {
    async find(text, now) {
      const found = await Promise.all([
        customersByTerm(emailTerm(text), now),
        customersByTerm(cardTerm(text), now),
        customerOfJob(text),
      ]);
      const byId = [text, ...idTypes.map((type) => `${type}:${text}`)].map(digest);
      const customers = new Set([...byId, ...found.flat()]);
      const records = await Promise.all([...customers].map((customer) => recordsOf(customer, now)));
      return read(records.filter((own) => own.length > 0));
    },
    async isCardOfOther(passId, customer, now) {
      const own = digest(customer);
      return (await customersByTerm(cardTerm(passId), now)).some((found) => found !== own);
    },
    async *all(now) {
      for (let shard = 0; shard < SHARDS; shard += 1) {
        const hashes = await Promise.all(
          slices.living(now).map((slice) => redis.hgetall(keys.customers(slice, shard))),
        );
        const customers = new Set(hashes.flatMap((hash) => Object.keys(hash)));
        yield await read([...customers].map((customer) => hashes.flatMap((hash) => hash[customer] ?? [])));
      }
    },
    async erase({ customer: id, events }, now) {
      const customer = digest(id);
      const { shard } = locationOf(customer);
      let erased = 0;
      for (const jobId of new Set(events.map(({ job }) => job))) {
        const job = campaignAndRow(jobId);
        if (job === undefined) continue;
        const { part, offset } = rowLocation(job.row);
        erased += Number(await eraseRow([keys.rowCustomers(job.campaign, part)], [offset, customer]));
      }
      for (const slice of slices.living(now)) {
        erased += await redis.hdel(keys.customers(slice, shard), customer);
        // Each script scans one hash: a few milliseconds with millions of customers.
        const scans = Array.from({ length: SHARDS }, (_, each) =>
          erasePairs([keys.customerLookup(slice, each)], [customer]),
        );
        erased += (await Promise.all(scans)).reduce<number>((sum, count) => sum + Number(count), 0);
      }
      return erased > 0;
    },
  };
}

function splitPairs(entry: string): string[] {
  return Array.from({ length: entry.length / PAIR }, (_, n) => entry.slice(n * PAIR, (n + 1) * PAIR));
}

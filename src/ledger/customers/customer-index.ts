/** Finds customers by e-mail, customer id, card id or job id, and tells what happened to them lately. */

import { campaignAndRow, rowJobId } from '../../domain/jobs/job-id.ts';
import type { CustomerTimeline } from '../../domain/customers/timeline.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import { digest } from '../digest.ts';
import type { LedgerKeys } from '../keys.ts';
import { cardField, DIGEST, emailField, makeSlices, placeOf, placeOfRow, SHARDS } from './customer-layout.ts';
import { readRecord } from './customer-record.ts';

export interface CustomerIndex {
  /** Customers whose e-mail, id, card id or job id is `text`. Capitals matter, but not in an e-mail. */
  find(text: string, now: number): Promise<CustomerTimeline[]>;
  /** Everybody that is known, in pages of a 256th. */
  all(now: number): AsyncIterable<CustomerTimeline[]>;
}

/** `ttlMs`: the card TTL. `idTypes`: the customer ids that a bare id may be of. */
export function makeCustomerIndex(
  redis: RedisConnection,
  keys: LedgerKeys,
  { ttlMs, idTypes }: { ttlMs: number; idTypes: readonly string[] },
): CustomerIndex {
  const slices = makeSlices(ttlMs);

  /** The value of one entry in each slice that has it, oldest first. */
  const entries = async (keyIn: (slice: number) => string, field: string, now: number): Promise<string[]> => {
    const found = await Promise.all(slices.living(now).map((slice) => redis.hget(keyIn(slice), field)));
    return found.filter((value) => value !== null);
  };

  const recordsOf = (person: string, now: number) =>
    entries((slice) => keys.people(slice, placeOf(person).shard), person, now);

  const customersBy = async (sought: string, now: number): Promise<string[]> => {
    const { shard, bucket } = placeOf(sought);
    const pairs = (await entries((slice) => keys.found(slice, shard), bucket, now)).flatMap(inPairs);
    return pairs.filter((pair) => pair.startsWith(sought)).map((pair) => pair.slice(DIGEST));
  };

  const customerOfJob = async (id: string): Promise<string[]> => {
    const job = campaignAndRow(id);
    if (job === undefined) return [];
    const { part, offset } = placeOfRow(job.row);
    const found = await redis.getrange(keys.customersOf(job.campaign, part), offset, offset + DIGEST - 1);
    // A row of which nothing is known yet is zeros.
    return found.length === DIGEST && !found.includes('\0') ? [found] : [];
  };

  /** Each person's records, oldest first, at least one. */
  const read = async (people: readonly string[][]): Promise<CustomerTimeline[]> => {
    const found = people.map((records) => records.map(readRecord));
    const serials = [...new Set(found.flat().flatMap(({ events }) => events.map(({ serial }) => serial)))];
    const names = serials.length === 0 ? [] : await redis.hmget(keys.campaignSerials, ...serials);
    const campaigns = new Map(serials.map((serial, n) => [serial, names[n] ?? `campaign ${serial}`]));
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
        customersBy(emailField(text), now),
        customersBy(cardField(text), now),
        customerOfJob(text),
      ]);
      const byId = [text, ...idTypes.map((type) => `${type}:${text}`)].map(digest);
      const people = new Set([...byId, ...found.flat()]);
      const records = await Promise.all([...people].map((person) => recordsOf(person, now)));
      return read(records.filter((own) => own.length > 0));
    },
    async *all(now) {
      for (let shard = 0; shard < SHARDS; shard += 1) {
        const hashes = await Promise.all(
          slices.living(now).map((slice) => redis.hgetall(keys.people(slice, shard))),
        );
        const people = new Set(hashes.flatMap((hash) => Object.keys(hash)));
        yield await read([...people].map((person) => hashes.flatMap((hash) => hash[person] ?? [])));
      }
    },
  };
}

function inPairs(entry: string): string[] {
  return Array.from({ length: entry.length / (2 * DIGEST) }, (_, n) =>
    entry.slice(n * 2 * DIGEST, (n + 1) * 2 * DIGEST),
  );
}

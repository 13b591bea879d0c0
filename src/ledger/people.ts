/**
 * Finds customers by e-mail, customer id or card id, and tells what became of them lately. Time is
 * cut into slices, each with hashes of its own that end together, since a key with a TTL costs more
 * than a hash entry. Of an e-mail only a digest is kept.
 */

import type { Redis } from 'ioredis';
import type { FinalState } from '../job/outcome.ts';
import { customerKey, emailOf, type PassJob, passIdOf } from '../job/pass-job.ts';
import type { Person } from '../job/person.ts';
import { digest } from './digest.ts';
import type { LedgerKeys } from './keys.ts';
import { oneLine, packEvent, readPerson } from './person-record.ts';

export interface PeopleIndex {
  /** The keys and arguments of {@link notePersonLua}. For `note` see `PersonEvent`. */
  note(job: PassJob, state: FinalState, note: string, now: number): PersonNote;
  /** Customers whose e-mail, id or card id is `text`. Capitals matter, but not in an e-mail. */
  find(text: string, now: number): Promise<Person[]>;
  /** Everybody that is known, in pages of a 256th. */
  all(now: number): AsyncIterable<Person[]>;
}

export interface PersonNote {
  keys: [people: string, byEmail: string, byCard: string];
  args: (string | number)[];
}

/** Slices in a TTL: what is written lives for one TTL, and for another eighth at most. */
const SLICES = 8;
const SHARDS = 256;

/** Length of a digest. */
const DIGEST = 14;

/**
 * Defines `notePerson` in a script. A record is the customer's id and a line for each event, some
 * twenty at most. What leads to customers are pairs of digests, what is sought and who it is, many
 * to a hash entry: one entry each would cost three times as much. An e-mail that half a shop
 * shares would fill its entry without end, so an entry ends at some 600 pairs.
 */
export const notePersonLua = `
local function noteFound(key, bucket, pair, expireAt)
  local known = redis.call('HGET', key, bucket) or ''
  if #known > 16000 or known:find(pair, 1, true) then return end
  redis.call('HSET', key, bucket, known .. pair)
  redis.call('PEXPIREAT', key, expireAt)
end
local function notePerson(people, byEmail, byCard, expireAt, who, event, person, email, emailBucket, card, cardBucket)
  local record = redis.call('HGET', people, person) or who
  if #record > 1500 then record = record:gsub('\\n[^\\n]*', '', 1) end
  redis.call('HSET', people, person, record .. '\\n' .. event)
  redis.call('PEXPIREAT', people, expireAt)
  if email ~= '' then noteFound(byEmail, emailBucket, email .. person, expireAt) end
  if card ~= '' then noteFound(byCard, cardBucket, card .. person, expireAt) end
end`;

/** `ttlMs`: the card TTL. `idTypes`: the customer ids that a bare id may be of. */
export function makePeopleIndex(
  redis: Redis,
  keys: LedgerKeys,
  { ttlMs, idTypes }: { ttlMs: number; idTypes: readonly string[] },
): PeopleIndex {
  const sliceMs = ttlMs / SLICES;
  const sliceAt = (now: number) => Math.floor(now / sliceMs);

  const slicesAt = (now: number) =>
    Array.from({ length: SLICES + 2 }, (_, age) => sliceAt(now) - age).toReversed();

  /** The value of one entry in each slice that has it, oldest first. */
  const entries = async (keyIn: (slice: number) => string, field: string, now: number): Promise<string[]> => {
    const found = await Promise.all(slicesAt(now).map((slice) => redis.hget(keyIn(slice), field)));
    return found.filter((value) => value !== null);
  };

  const recordsOf = (person: string, now: number) =>
    entries((slice) => keys.people(slice, placeOf(person).shard), person, now);

  const peopleBy = async (sought: string, now: number): Promise<string[]> => {
    const { shard, bucket } = placeOf(sought);
    const pairs = (await entries((slice) => keys.found(slice, shard), bucket, now)).flatMap(inPairs);
    return pairs.filter((pair) => pair.startsWith(sought)).map((pair) => pair.slice(DIGEST));
  };

  return {
    note(job, state, note, now) {
      const who = customerKey(job.customer);
      const email = emailOf(job.customer);
      const passId = job.action === 'create' && state === 'done' ? note : passIdOf(job.customer);
      const person = digest(who);
      const byEmail = email === undefined ? '' : emailField(email);
      const byCard = passId === undefined ? '' : cardField(passId);
      const slice = sliceAt(now);
      const event = packEvent({ at: Math.floor(now / 1000), action: job.action, state, job: job.id, note });
      return {
        keys: [
          keys.people(slice, placeOf(person).shard),
          keys.found(slice, placeOf(byEmail).shard),
          keys.found(slice, placeOf(byCard).shard),
        ],
        args: [
          Math.ceil((slice + 1) * sliceMs + ttlMs),
          oneLine(who),
          event,
          person,
          byEmail,
          placeOf(byEmail).bucket,
          byCard,
          placeOf(byCard).bucket,
        ],
      };
    },
    async find(text, now) {
      const byText = await Promise.all([peopleBy(emailField(text), now), peopleBy(cardField(text), now)]);
      const byId = [text, ...idTypes.map((type) => `${type}:${text}`)].map(digest);
      const people = new Set([...byId, ...byText.flat()]);
      const found = await Promise.all([...people].map((person) => recordsOf(person, now)));
      return found.filter((records) => records.length > 0).map(readPerson);
    },
    async *all(now) {
      for (let shard = 0; shard < SHARDS; shard += 1) {
        const slices = await Promise.all(
          slicesAt(now).map((slice) => redis.hgetall(keys.people(slice, shard))),
        );
        const people = new Set(slices.flatMap((slice) => Object.keys(slice)));
        yield [...people].map((person) => readPerson(slices.flatMap((slice) => slice[person] ?? [])));
      }
    },
  };
}

const emailField = (email: string) => digest(`email ${email.toLowerCase()}`);
const cardField = (passId: string) => digest(`card ${passId}`);

/**
 * Where a digest belongs: one of 256 hashes, small enough to be deleted at once, and in `found`
 * one of 512 entries there. Redis packs a hash of no more entries than that tightly.
 */
function placeOf(field: string): { shard: number; bucket: string } {
  const bits = Number.parseInt(Buffer.from(field.slice(0, 4), 'base64url').toString('hex') || '0', 16) >>> 7;
  return { shard: bits >>> 9, bucket: String(bits & 511) };
}

function inPairs(entry: string): string[] {
  return Array.from({ length: entry.length / (2 * DIGEST) }, (_, n) =>
    entry.slice(n * 2 * DIGEST, (n + 1) * 2 * DIGEST),
  );
}

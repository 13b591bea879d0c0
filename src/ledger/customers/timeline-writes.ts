/**
 * Puts down what happened to customers, in the very scripts that make it happen: no call to Redis
 * is spent on it, and none can fall between the two.
 */

import type { TimelineEntry } from '../../domain/customers/timeline.ts';
import type { Clock } from '../../kit/clock.ts';
import { digest } from '../digest.ts';
import type { LedgerKeys } from '../keys.ts';
import { cardField, emailField, makeSlices, placeOf, placeOfRow } from './customer-layout.ts';
import { oneLine, packKind, packNote, packTime } from './customer-record.ts';

/** The keys and arguments that {@link timelineLua} takes for one piece of news. */
export interface TimelineNote {
  keys: [people: string, byEmail: string, byCard: string, byRow: string];
  args: (string | number)[];
}

export interface TimelineWrites {
  note(news: TimelineEntry): TimelineNote;
}

/** How many there are of each. */
export const NOTE_KEYS = 4;
export const NOTE_ARGS = 12;

/**
 * Defines two functions in a script. `notePerson` takes the places of the first of the keys and of
 * the arguments, the campaign's serial number, and the row where the script gave it; `noteCustomers` takes
 * all that follow, where there are any, and looks the number up where nobody has.
 *
 * Of what leads to customers there are pairs of digests, what is sought and who it is, many to a hash
 * entry: one entry each would cost three times as much. An e-mail that half a shop shares would fill
 * its entry without end, so an entry ends at some 600 pairs. A record ends at some thirty lines.
 */
export const timelineLua = `
local function noteFound(key, bucket, pair, expireAt)
  local known = redis.call('HGET', key, bucket) or ''
  if #known > 16000 or known:find(pair, 1, true) then return end
  redis.call('HSET', key, bucket, known .. pair)
  -- What was there before has its end.
  if known == '' then redis.call('PEXPIREAT', key, expireAt) end
end
local function withLine(record, at, kind, job, note)
  local before = ''
  for standing in record:gmatch('\\n[^\\t\\n]*\\t[^\\t\\n]*\\t([^\\t\\n]+)') do before = standing end
  if job == before then
    local head, last, said, lastNote, times = record:match('^(.*)\\n[^\\t\\n]*\\t([^\\t\\n]*)\\t([^\\t\\n]*)\\t([^\\t\\n]*)\\t?(%d*)$')
    -- The same once more takes the place of the line.
    if last == kind and lastNote == note then
      times = (tonumber(times) or 1) + 1
      return table.concat({ head .. '\\n' .. at, kind, said, note, times }, '\\t')
    end
    job = ''
  end
  return table.concat({ record .. '\\n' .. at, kind, job, note }, '\\t')
end
local function shortened(record)
  local job, following = record:match('^[^\\n]*\\n[^\\t]*\\t[^\\t]*\\t([^\\t]*)[^\\n]*\\n[^\\t]*\\t[^\\t]*\\t([^\\t]*)')
  record = record:gsub('\\n[^\\n]*', '', 1)
  if following ~= '' then return record end
  local shorter = record:gsub('^([^\\n]*\\n[^\\t]*\\t[^\\t]*\\t)', '%1' .. job, 1)
  return shorter
end
local function notePerson(k, a, serial, rowGiven)
  local people, byEmail, byCard, byRow = unpack(KEYS, k, k + ${NOTE_KEYS - 1})
  local expireAt, who, person, at, kind, row, offset, note, email, emailBucket, card, cardBucket = unpack(ARGV, a, a + ${NOTE_ARGS - 1})
  local known = redis.call('HGET', people, person)
  local record = known or who
  if #record > 1500 then record = shortened(record) end
  redis.call('HSET', people, person, withLine(record, at, kind, serial .. '.' .. (rowGiven or row), note))
  if not known then redis.call('PEXPIREAT', people, expireAt) end
  if email ~= '' then noteFound(byEmail, emailBucket, email .. person, expireAt) end
  if card ~= '' then noteFound(byCard, cardBucket, card .. person, expireAt) end
  if offset ~= '' then
    redis.call('SETRANGE', byRow, offset, person)
    redis.call('PEXPIREAT', byRow, expireAt)
  end
end
local function notePeople(k, a, campaign, known)
  if #KEYS < k then return end
  local serial = known or redis.call('HGET', campaign, 'serial') or 0
  for at = 0, (#KEYS - k + 1) / ${NOTE_KEYS} - 1 do
    notePerson(k + at * ${NOTE_KEYS}, a + at * ${NOTE_ARGS}, serial)
  end
end`;

/** `ttlMs`: the card TTL. */
export function makeTimelineWrites(
  keys: LedgerKeys,
  { ttlMs, clock }: { ttlMs: number; clock: Clock },
): TimelineWrites {
  const slices = makeSlices(ttlMs);
  return {
    note({ customer, what, action, campaign, row, isRowKnown = false, note, email, passId }) {
      const now = clock();
      const slice = slices.at(now);
      const person = digest(customer);
      const byEmail = email === undefined ? '' : emailField(email);
      const byCard = passId === undefined ? '' : cardField(passId);
      const { part, offset } = placeOfRow(row ?? 0);
      return {
        keys: [
          keys.people(slice, placeOf(person).shard),
          keys.found(slice, placeOf(byEmail).shard),
          keys.found(slice, placeOf(byCard).shard),
          keys.customersOf(campaign, part),
        ],
        args: [
          slices.endOf(slice),
          oneLine(customer),
          person,
          packTime(Math.floor(now / 1000)),
          packKind(action, what),
          row ?? '',
          row === undefined || isRowKnown ? '' : offset,
          packNote(note),
          byEmail,
          placeOf(byEmail).bucket,
          byCard,
          placeOf(byCard).bucket,
        ],
      };
    },
  };
}

/** The notes of many, in the order that `noteCustomers` takes them in; empty where no index is kept. */
export function notesOf(
  people: TimelineWrites | undefined,
  news: readonly TimelineEntry[],
): { keys: string[]; args: (string | number)[] } {
  const all: { keys: string[]; args: (string | number)[] } = { keys: [], args: [] };
  if (people === undefined) return all;
  for (const one of news) {
    const { keys, args } = people.note(one);
    all.keys.push(...keys);
    all.args.push(...args);
  }
  return all;
}

/**
 * Records timeline events in the scripts that cause them: this costs no extra round trip, and an event and its
 * timeline entry are written atomically.
 */

import type { TimelineEntry } from '../../domain/customers/timeline.ts';
import type { Clock } from '../../kit/clock.ts';
import { digest, type LedgerKeys } from '../keys.ts';
import { cardTerm, emailTerm, locationOf, makeSlices, rowLocation } from './customer-layout.ts';
import { oneLine, packDetail, packKind, packTime } from './customer-record.ts';

/** Keys and arguments of one entry for {@link recordTimelineLua}, in its order. */
export interface PackedEntry {
  keys: [customers: string, byEmail: string, byCard: string, byRow: string];
  args: (string | number)[];
}

export interface TimelineWriter {
  pack(entry: TimelineEntry): PackedEntry;
}

/** Number of keys and arguments of one entry. */
export const ENTRY_KEYS = 4;
export const ENTRY_ARGS = 12;

/**
 * Lua functions. `recordEvent(k, a, serial, assignedRow)` records one entry: `k` and `a` are the indexes of its
 * first key and argument, `serial` is the campaign's serial number, and `assignedRow` is set if the script
 * assigns the row. `recordEvents(k, a, campaign, serial)` records all entries from `k` and `a` to the end of the
 * keys, if there are any, and reads the serial number if it is not given.
 *
 * The lookup hashes hold pairs of digests (search term, customer), many pairs to a hash entry: one entry each
 * would take three times the memory. An entry stops growing at about 600 pairs, because thousands of customers
 * may share one email. A customer's record stops growing at about thirty lines: the oldest line is dropped.
 */
export const recordTimelineLua = `
local function addLookup(key, bucket, pair, expireAt)
  local pairs = redis.call('HGET', key, bucket) or ''
  if #pairs > 16000 or pairs:find(pair, 1, true) then return end
  redis.call('HSET', key, bucket, pairs .. pair)
  -- An existing hash has its expiry already.
  if pairs == '' then redis.call('PEXPIREAT', key, expireAt) end
end
local function appendLine(record, at, kind, job, detail)
  local lastJob = ''
  for found in record:gmatch('\\n[^\\t\\n]*\\t[^\\t\\n]*\\t([^\\t\\n]+)') do lastJob = found end
  if job == lastJob then
    local head, lastKind, storedJob, lastDetail, times = record:match('^(.*)\\n[^\\t\\n]*\\t([^\\t\\n]*)\\t([^\\t\\n]*)\\t([^\\t\\n]*)\\t?(%d*)$')
    -- A repeated event replaces its line and is counted.
    if lastKind == kind and lastDetail == detail then
      times = (tonumber(times) or 1) + 1
      return table.concat({ head .. '\\n' .. at, kind, storedJob, detail, times }, '\\t')
    end
    job = ''
  end
  return table.concat({ record .. '\\n' .. at, kind, job, detail }, '\\t')
end
-- A line without a job belongs to the job of the line before, so the dropped line may have to pass its job on.
local function dropOldestLine(record)
  local job, nextJob = record:match('^[^\\n]*\\n[^\\t]*\\t[^\\t]*\\t([^\\t]*)[^\\n]*\\n[^\\t]*\\t[^\\t]*\\t([^\\t]*)')
  record = record:gsub('\\n[^\\n]*', '', 1)
  if nextJob ~= '' then return record end
  local shorter = record:gsub('^([^\\n]*\\n[^\\t]*\\t[^\\t]*\\t)', '%1' .. job, 1)
  return shorter
end
local function recordEvent(k, a, serial, assignedRow)
  local customers, byEmail, byCard, byRow = unpack(KEYS, k, k + ${ENTRY_KEYS - 1})
  local expireAt, id, customer, at, kind, row, offset, detail, email, emailBucket, card, cardBucket = unpack(ARGV, a, a + ${ENTRY_ARGS - 1})
  local stored = redis.call('HGET', customers, customer)
  local record = stored or id
  if #record > 1500 then record = dropOldestLine(record) end
  redis.call('HSET', customers, customer, appendLine(record, at, kind, serial .. '.' .. (assignedRow or row), detail))
  if not stored then redis.call('PEXPIREAT', customers, expireAt) end
  if email ~= '' then addLookup(byEmail, emailBucket, email .. customer, expireAt) end
  if card ~= '' then addLookup(byCard, cardBucket, card .. customer, expireAt) end
  if offset ~= '' then
    redis.call('SETRANGE', byRow, offset, customer)
    redis.call('PEXPIREAT', byRow, expireAt)
  end
end
local function recordEvents(k, a, campaign, serial)
  if #KEYS < k then return end
  serial = serial or redis.call('HGET', campaign, 'serial') or 0
  for nth = 0, (#KEYS - k + 1) / ${ENTRY_KEYS} - 1 do
    recordEvent(k + nth * ${ENTRY_KEYS}, a + nth * ${ENTRY_ARGS}, serial)
  end
end`;

/** `ttlMs`: the card TTL. */
export function makeTimelineWriter(
  keys: LedgerKeys,
  { ttlMs, clock }: { ttlMs: number; clock: Clock },
): TimelineWriter {
  const slices = makeSlices(ttlMs);
  return {
    pack({ customer, kind, action, campaign, row, isRowIndexed = false, detail, email, passId }) {
      const now = clock();
      const slice = slices.at(now);
      const customerDigest = digest(customer);
      const byEmail = email === undefined ? '' : emailTerm(email);
      const byCard = passId === undefined ? '' : cardTerm(passId);
      const { part, offset } = rowLocation(row ?? 0);
      return {
        keys: [
          keys.customers(slice, locationOf(customerDigest).shard),
          keys.customerLookup(slice, locationOf(byEmail).shard),
          keys.customerLookup(slice, locationOf(byCard).shard),
          keys.rowCustomers(campaign, part),
        ],
        args: [
          slices.endOf(slice),
          oneLine(customer),
          customerDigest,
          packTime(Math.floor(now / 1000)),
          packKind(action, kind),
          row ?? '',
          row === undefined || isRowIndexed ? '' : offset,
          packDetail(detail),
          byEmail,
          locationOf(byEmail).bucket,
          byCard,
          locationOf(byCard).bucket,
        ],
      };
    },
  };
}

/** Packs entries for {@link recordTimelineLua}; returns nothing if the customer index is off. */
export function packTimeline(
  timeline: TimelineWriter | undefined,
  entries: readonly TimelineEntry[],
): { keys: string[]; args: (string | number)[] } {
  const packed = timeline === undefined ? [] : entries.map((entry) => timeline.pack(entry));
  return { keys: packed.flatMap(({ keys }) => keys), args: packed.flatMap(({ args }) => args) };
}

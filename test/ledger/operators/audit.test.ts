/** The audit's chain against a real Redis: it grows in one line, and whatever is done to it afterwards shows. */

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import type { AuditDraft, AuditEntry } from '../../../src/domain/operators/audit-entry.ts';
import { makeAudit } from '../../../src/ledger/operators/audit.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const draft = (more: Partial<AuditDraft> = {}): AuditDraft => ({
  at: 1_900_000_000_000,
  by: 'Iva',
  via: 'dashboard',
  act: 'campaign.pause',
  on: 'run',
  reason: 'špatná cena',
  before: { status: 'running' },
  after: { status: 'paused' },
  ...more,
});

function open(redis = openRedis(), prefix = testPrefix()) {
  const keys = makeLedgerKeys(prefix);
  return { redis, prefix, keys, audit: makeAudit(redis, keys) };
}

/** A chain of so many entries. */
async function chained(length: number) {
  const opened = open();
  const entries: AuditEntry[] = [];
  for (let n = 1; n <= length; n += 1) entries.push(await opened.audit.append(draft({ on: `run-${n}` })));
  return { ...opened, entries };
}

describe('the chain', () => {
  it('is one, however many connections append at once, with every entry in it once', async () => {
    const prefix = testPrefix();
    const audits = Array.from({ length: 6 }, () => open(openRedis(), prefix).audit);
    const appended = await Promise.all(
      audits.flatMap((audit, process) =>
        Array.from({ length: 40 }, (_, act) => audit.append(draft({ on: `${process}-${act}` }))),
      ),
    );
    const [audit] = audits;
    const { entries } = await audit!.page({ limit: 1000 });
    expect(entries).toEqual(appended.toSorted((a, b) => b.n - a.n));
    expect(entries.map(({ n }) => n)).toEqual(Array.from({ length: 240 }, (_, n) => 240 - n));
    expect(new Set(entries.map(({ on }) => on)).size).toBe(240);
    expect(await audit!.verify()).toEqual({ ok: true, entries: 240, head: entries[0]?.hash });
  });

  it('is whole over several reads, and while it grows', async () => {
    const { audit } = await chained(1100);
    const [verdict] = await Promise.all([audit.verify(), audit.append(draft()), audit.append(draft())]);
    expect(verdict).toMatchObject({ ok: true });
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 1102 });
  });

  it('can be reckoned by anybody from the entries alone', async () => {
    const { entries } = await chained(2);
    const [first, second] = entries;
    const { hash, ...rest } = second!;
    const sorted = `{"act":"campaign.pause","after":{"status":"paused"},"at":1900000000000,"before":{"status":"running"},"by":"Iva","n":2,"on":"run-2","reason":"špatná cena","via":"dashboard"}`;
    expect(JSON.parse(sorted)).toEqual(rest);
    expect(createHash('sha256').update(`${first!.hash}${sorted}`).digest('hex')).toBe(hash);
  });

  it('has no entry at first', async () => {
    expect(await open().audit.verify()).toEqual({ ok: true, entries: 0, head: '' });
    expect(await open().audit.page({ limit: 5 })).toEqual({ entries: [] });
  });
});

const LENGTH = 8;
const place = fc.integer({ min: 1, max: LENGTH });

/** What somebody with access to Redis may do to one entry, or to two. */
type Harm = (redis: Redis, key: string, stored: readonly string[]) => Promise<unknown>;

const fields = ['n', 'at', 'by', 'via', 'act', 'on', 'reason', 'before', 'after'] as const;
const changed = (stored: string, field: (typeof fields)[number], value: fc.JsonValue): string => {
  const entry = JSON.parse(stored.slice(65)) as Record<string, unknown>;
  return `${stored.slice(0, 65)}${JSON.stringify({ ...entry, [field]: value })}`;
};

async function rewrite(redis: Redis, key: string, stored: readonly string[]) {
  await redis
    .multi()
    .del(key)
    .rpush(key, ...stored)
    .exec();
}

/** Each with the first place that is not as it was written. */
const harms = fc.oneof<fc.Arbitrary<{ what: string; first: number; harm: Harm }>[]>(
  fc
    .tuple(place, fc.constantFrom(...fields), fc.jsonValue())
    .filter(
      ([, field, value]) => JSON.stringify(draft()[field as keyof AuditDraft]) !== JSON.stringify(value),
    )
    .map(([n, field, value]) => ({
      what: `${field} of ${n} becomes ${JSON.stringify(value)}`,
      first: n,
      harm: (redis, key, stored) =>
        // Its number, or what it is done to, may be what it was by chance.
        redis.lset(key, n - 1, changed(stored[n - 1]!, field, ['n', 'on'].includes(field) ? [value] : value)),
    })),
  fc.tuple(place, fc.nat({ max: 250 }), fc.constantFrom('', '~', '0')).map(([n, at, put]) => ({
    what: `character ${at} of ${n} becomes "${put}"`,
    first: n,
    harm: (redis, key, stored) => {
      const text = stored[n - 1]!;
      const from = at % text.length;
      const other = put === text[from] ? '1' : put;
      return redis.lset(key, n - 1, `${text.slice(0, from)}${other}${text.slice(from + 1)}`);
    },
  })),
  place.map((n) => ({
    what: `${n} is removed`,
    first: n,
    harm: (redis, key, stored) => rewrite(redis, key, stored.toSpliced(n - 1, 1)),
  })),
  fc.tuple(place, place).map(([n, copied]) => ({
    what: `a copy of ${copied} is inserted before ${n}`,
    // A copy in front of itself is in its own place: the one behind it is not.
    first: n === copied ? n + 1 : n,
    harm: (redis, key, stored) => rewrite(redis, key, stored.toSpliced(n - 1, 0, stored[copied - 1]!)),
  })),
  fc
    .tuple(place, place)
    .filter(([a, b]) => a < b)
    .map(([a, b]) => ({
      what: `${a} and ${b} are swapped`,
      first: a,
      harm: (redis, key, stored) =>
        rewrite(redis, key, stored.with(a - 1, stored[b - 1]!).with(b - 1, stored[a - 1]!)),
    })),
  fc.integer({ min: 0, max: LENGTH - 1 }).map((left) => ({
    what: `all but the first ${left} are cut off`,
    first: left + 1,
    harm: (redis, key) => (left === 0 ? redis.del(key) : redis.ltrim(key, 0, left - 1)),
  })),
);

describe('whoever tampers', () => {
  it('with any byte or place of any entry is found, at the first entry that is not as it was', async () => {
    const { audit, redis, keys } = await chained(LENGTH);
    const stored = await redis.lrange(keys.audit, 0, -1);
    await fc.assert(
      fc.asyncProperty(harms, async ({ harm, first }) => {
        await harm(redis, keys.audit, stored);
        expect(await audit.verify()).toMatchObject({ ok: false, n: first });
        await rewrite(redis, keys.audit, stored);
        expect(await audit.verify()).toMatchObject({ ok: true });
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['is removed', async (redis: Redis, key: string) => redis.del(key)],
    ['is another', async (redis: Redis, key: string) => redis.set(key, `3 ${'a'.repeat(64)}`)],
    ['counts fewer', async (redis: Redis, key: string) => redis.set(key, `2 ${'a'.repeat(64)}`)],
    ['is no head', async (redis: Redis, key: string) => redis.set(key, 'x')],
  ])('with the head, so that it %s, is found, and acts are written down all the same', async (_, harm) => {
    const { audit, redis, keys } = await chained(3);
    await harm(redis, keys.auditHead);
    expect(await audit.verify()).toMatchObject({ ok: false });
    await audit.append(draft({ on: 'later' }));
    expect(await audit.verify()).toMatchObject({ ok: false });
    expect((await audit.page({ limit: 1 })).entries).toMatchObject([{ on: 'later' }]);
  });

  it('with the whole, and forges a chain that fits, is found by a head that was kept elsewhere', async () => {
    const { audit, redis, keys, entries } = await chained(5);
    const kept = entries[3]!.hash;
    expect(await audit.verify(kept)).toMatchObject({ ok: true });
    await redis.del(keys.audit, keys.auditHead);
    expect(await audit.verify(kept)).toEqual({ ok: false, problem: `no entry has the hash ${kept}` });
    for (const { n } of entries) await audit.append(draft({ on: `run-${n}`, by: n === 2 ? 'Jan' : 'Iva' }));
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 5 });
    expect(await audit.verify(kept)).toMatchObject({ ok: false });
  });
});

describe('pages', () => {
  it('come newest first, follow each other, and hold what was done to a thing or by a person', async () => {
    const { audit } = open();
    for (let n = 1; n <= 1300; n += 1) {
      await audit.append(draft({ on: n % 2 === 0 ? 'even' : 'odd', by: n % 100 === 0 ? 'Jan' : 'Iva' }));
    }
    const first = await audit.page({ limit: 3, on: 'odd' });
    expect(first.entries.map(({ n }) => n)).toEqual([1299, 1297, 1295]);
    const second = await audit.page({ limit: 3, on: 'odd', before: first.next });
    expect(second.entries.map(({ n }) => n)).toEqual([1293, 1291, 1289]);
    const all = await audit.page({ limit: 100, by: 'Jan', on: 'even' });
    expect(all.entries).toHaveLength(13);
    expect(all.next).toBeUndefined();
  });

  it('stop looking after 10,000 entries, and say where to go on', async () => {
    const { audit, redis, keys } = await chained(1);
    const [stored = ''] = await redis.lrange(keys.audit, 0, 0);
    await redis.rpush(keys.audit, ...Array.from({ length: 10_000 }, () => stored.replace('run-1', 'other')));
    expect(await audit.page({ limit: 1, on: 'run-1' })).toEqual({ entries: [], next: 2 });
    expect((await audit.page({ limit: 1, on: 'run-1', before: 2 })).entries).toMatchObject([{ n: 1 }]);
  });
});

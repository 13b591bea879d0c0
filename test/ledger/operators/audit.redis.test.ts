/** The hash chain of the audit trail in a real Redis: concurrent appends, and detection of tampering. */

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
  action: 'campaign.pause',
  target: 'run',
  reason: 'špatná cena',
  before: { status: 'running' },
  after: { status: 'paused' },
  ...more,
});

function open(redis = openRedis(), prefix = testPrefix()) {
  const keys = makeLedgerKeys(prefix);
  return { redis, prefix, keys, audit: makeAudit(redis, keys) };
}

/** Makes a chain of `length` entries. */
async function chained(length: number) {
  const opened = open();
  const entries: AuditEntry[] = [];
  for (let n = 1; n <= length; n += 1) entries.push(await opened.audit.append(draft({ target: `run-${n}` })));
  return { ...opened, entries };
}

describe('the audit chain', () => {
  it('holds every entry once when several connections append at once', async () => {
    const prefix = testPrefix();
    const audits = Array.from({ length: 6 }, () => open(openRedis(), prefix).audit);
    const appended = await Promise.all(
      audits.flatMap((audit, process) =>
        Array.from({ length: 40 }, (_, n) => audit.append(draft({ target: `${process}-${n}` }))),
      ),
    );
    const [audit] = audits;
    const { entries } = await audit!.page({ limit: 1000 });
    expect(entries).toEqual(appended.toSorted((a, b) => b.n - a.n));
    expect(entries.map(({ n }) => n)).toEqual(Array.from({ length: 240 }, (_, n) => 240 - n));
    expect(new Set(entries.map(({ target }) => target)).size).toBe(240);
    expect(await audit!.verify()).toEqual({ ok: true, entries: 240, head: entries[0]?.hash });
  });

  it('verifies over several pages, and while it grows', async () => {
    const { audit } = await chained(1100);
    const [verdict] = await Promise.all([audit.verify(), audit.append(draft()), audit.append(draft())]);
    expect(verdict).toMatchObject({ ok: true });
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 1102 });
  });

  it('can be recomputed from the entries alone', async () => {
    const { entries } = await chained(2);
    const [first, second] = entries;
    const { hash, ...rest } = second!;
    const sorted = `{"action":"campaign.pause","after":{"status":"paused"},"at":1900000000000,"before":{"status":"running"},"by":"Iva","n":2,"reason":"špatná cena","target":"run-2","via":"dashboard"}`;
    expect(JSON.parse(sorted)).toEqual(rest);
    expect(createHash('sha256').update(`${first!.hash}${sorted}`).digest('hex')).toBe(hash);
  });

  it('is empty at first', async () => {
    expect(await open().audit.verify()).toEqual({ ok: true, entries: 0, head: '' });
    expect(await open().audit.page({ limit: 5 })).toEqual({ entries: [] });
  });
});

const LENGTH = 8;
const position = fc.integer({ min: 1, max: LENGTH });

/** How someone with access to Redis may tamper with one or two entries. */
type Tampering = (redis: Redis, key: string, stored: readonly string[]) => Promise<unknown>;

const fields = ['n', 'at', 'by', 'via', 'action', 'target', 'reason', 'before', 'after'] as const;
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

/** Each with the position of the first entry that differs. */
const tamperings = fc.oneof<fc.Arbitrary<{ what: string; first: number; tamper: Tampering }>[]>(
  fc
    .tuple(position, fc.constantFrom(...fields), fc.jsonValue())
    .filter(
      ([, field, value]) => JSON.stringify(draft()[field as keyof AuditDraft]) !== JSON.stringify(value),
    )
    .map(([n, field, value]) => ({
      what: `${field} of ${n} becomes ${JSON.stringify(value)}`,
      first: n,
      tamper: (redis, key, stored) =>
        // A random number or target may equal the original.
        redis.lset(
          key,
          n - 1,
          changed(stored[n - 1]!, field, ['n', 'target'].includes(field) ? [value] : value),
        ),
    })),
  fc.tuple(position, fc.nat({ max: 250 }), fc.constantFrom('', '~', '0')).map(([n, at, put]) => ({
    what: `character ${at} of ${n} becomes "${put}"`,
    first: n,
    tamper: (redis, key, stored) => {
      const text = stored[n - 1]!;
      const from = at % text.length;
      const other = put === text[from] ? '1' : put;
      return redis.lset(key, n - 1, `${text.slice(0, from)}${other}${text.slice(from + 1)}`);
    },
  })),
  position.map((n) => ({
    what: `${n} is removed`,
    first: n,
    tamper: (redis, key, stored) => rewrite(redis, key, stored.toSpliced(n - 1, 1)),
  })),
  fc.tuple(position, position).map(([n, copied]) => ({
    what: `a copy of ${copied} is inserted before ${n}`,
    // A copy before the original is at the right position; the original is not.
    first: n === copied ? n + 1 : n,
    tamper: (redis, key, stored) => rewrite(redis, key, stored.toSpliced(n - 1, 0, stored[copied - 1]!)),
  })),
  fc
    .tuple(position, position)
    .filter(([a, b]) => a < b)
    .map(([a, b]) => ({
      what: `${a} and ${b} are swapped`,
      first: a,
      tamper: (redis, key, stored) =>
        rewrite(redis, key, stored.with(a - 1, stored[b - 1]!).with(b - 1, stored[a - 1]!)),
    })),
  fc.integer({ min: 0, max: LENGTH - 1 }).map((left) => ({
    what: `all but the first ${left} are cut off`,
    first: left + 1,
    tamper: (redis, key) => (left === 0 ? redis.del(key) : redis.ltrim(key, 0, left - 1)),
  })),
);

describe('tampering', () => {
  it('with any byte or position of an entry is detected at the first entry that differs', async () => {
    const { audit, redis, keys } = await chained(LENGTH);
    const stored = await redis.lrange(keys.audit, 0, -1);
    await fc.assert(
      fc.asyncProperty(tamperings, async ({ tamper, first }) => {
        await tamper(redis, keys.audit, stored);
        expect(await audit.verify()).toMatchObject({ ok: false, n: first });
        await rewrite(redis, keys.audit, stored);
        expect(await audit.verify()).toMatchObject({ ok: true });
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['removed', async (redis: Redis, key: string) => redis.del(key)],
    ['replaced', async (redis: Redis, key: string) => redis.set(key, `3 ${'a'.repeat(64)}`)],
    ['set to a lower count', async (redis: Redis, key: string) => redis.set(key, `2 ${'a'.repeat(64)}`)],
    ['malformed', async (redis: Redis, key: string) => redis.set(key, 'x')],
  ])('with the head is detected, and does not prevent further entries: %s', async (_, tamper) => {
    const { audit, redis, keys } = await chained(3);
    await tamper(redis, keys.auditHead);
    expect(await audit.verify()).toMatchObject({ ok: false });
    await audit.append(draft({ target: 'later' }));
    expect(await audit.verify()).toMatchObject({ ok: false });
    expect((await audit.page({ limit: 1 })).entries).toMatchObject([{ target: 'later' }]);
  });

  it('by forging a complete new chain is detected with a hash kept elsewhere', async () => {
    const { audit, redis, keys, entries } = await chained(5);
    const kept = entries[3]!.hash;
    expect(await audit.verify(kept)).toMatchObject({ ok: true });
    await redis.del(keys.audit, keys.auditHead);
    expect(await audit.verify(kept)).toEqual({ ok: false, problem: `no entry has the hash ${kept}` });
    for (const { n } of entries)
      await audit.append(draft({ target: `run-${n}`, by: n === 2 ? 'Jan' : 'Iva' }));
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 5 });
    expect(await audit.verify(kept)).toMatchObject({ ok: false });
  });
});

describe('pages of the audit trail', () => {
  it('come newest first without gaps, filtered by target and operator', async () => {
    const { audit } = open();
    for (let n = 1; n <= 1300; n += 1) {
      await audit.append(draft({ target: n % 2 === 0 ? 'even' : 'odd', by: n % 100 === 0 ? 'Jan' : 'Iva' }));
    }
    const first = await audit.page({ limit: 3, target: 'odd' });
    expect(first.entries.map(({ n }) => n)).toEqual([1299, 1297, 1295]);
    const second = await audit.page({ limit: 3, target: 'odd', before: first.next });
    expect(second.entries.map(({ n }) => n)).toEqual([1293, 1291, 1289]);
    const all = await audit.page({ limit: 100, by: 'Jan', target: 'even' });
    expect(all.entries).toHaveLength(13);
    expect(all.next).toBeUndefined();
  });

  it('stop after scanning 10,000 entries, and return where to continue', async () => {
    const { audit, redis, keys } = await chained(1);
    const [stored = ''] = await redis.lrange(keys.audit, 0, 0);
    await redis.rpush(keys.audit, ...Array.from({ length: 10_000 }, () => stored.replace('run-1', 'other')));
    expect(await audit.page({ limit: 1, target: 'run-1' })).toEqual({ entries: [], next: 2 });
    expect((await audit.page({ limit: 1, target: 'run-1', before: 2 })).entries).toMatchObject([{ n: 1 }]);
  });
});

import { describe, expect, it } from 'vitest';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeVouchers } from '../../../src/ledger/campaigns/vouchers.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const open = (prefix = testPrefix()) => ({
  prefix,
  vouchers: makeVouchers(openRedis(), makeLedgerKeys(prefix)),
});

const codes = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `C-${from + n}`);

describe('a voucher pool', () => {
  it('gives each code to one job in order, and none when the pool is empty', async () => {
    const { vouchers } = open();
    expect(await vouchers.add('a.txt', ['C-1', 'C-2', 'C-1'])).toBe(2);
    expect(await vouchers.draw('a.txt', 'run-1')).toBe('C-1');
    expect(await vouchers.draw('a.txt', 'run-2')).toBe('C-2');
    expect(await vouchers.draw('a.txt', 'run-3')).toBeUndefined();
    expect(await vouchers.draw('a.txt', 'run-1')).toBe('C-1');
    expect(await vouchers.draw('b.txt', 'run-1')).toBeUndefined();
    expect(await vouchers.counts('a.txt')).toEqual({ left: 0, drawn: 2 });
  });

  it('adds only new codes when a file is read again', async () => {
    const { vouchers } = open();
    await vouchers.add('a.txt', codes(1, 3));
    await vouchers.draw('a.txt', 'run-1');
    expect(await vouchers.add('a.txt', codes(1, 5))).toBe(2);
    expect(await vouchers.counts('a.txt')).toEqual({ left: 4, drawn: 1 });
    expect(await vouchers.draw('a.txt', 'run-2')).toBe('C-2');
  });

  it('gives no code twice when several processes add and draw at once', async () => {
    const first = open();
    const others = [open(first.prefix), open(first.prefix), open(first.prefix)];
    const all = [first, ...others].map(({ vouchers }) => vouchers);
    const [, ...drawn] = await Promise.all([
      Promise.all(all.map((vouchers) => vouchers.add('a.txt', codes(1, 400)))),
      ...all.flatMap((vouchers) => codes(1, 200).map((job) => vouchers.draw('a.txt', job))),
    ]);
    const late = await Promise.all(codes(1, 200).map((job) => first.vouchers.draw('a.txt', job)));
    expect(new Set(late).size).toBe(200);
    expect(await first.vouchers.counts('a.txt')).toEqual({ left: 200, drawn: 200 });
    // A job keeps the code it drew before.
    for (const [index, code] of drawn.entries()) expect([undefined, late[index % 200]]).toContain(code);
  });
});

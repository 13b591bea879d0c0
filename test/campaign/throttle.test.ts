/** The throttle without Redis: the test controls the clock. */

import { describe, expect, it } from 'vitest';
import type { JudgedRow } from '../../src/campaign/judged-row.ts';
import { makeThrottle } from '../../src/campaign/throttle.ts';
import type { SendingRate } from '../../src/domain/campaigns/safeguards/sending-rate.ts';
import { makeMonotonicClock } from '../../src/kit/clock.ts';
import { makeQueued } from '../support/make.ts';

const HOUR_MS = 3_600_000;

const sent = (row: number): JudgedRow => ({ row, decision: { kind: 'job', job: makeQueued(row) } });
const skipped = (row: number): JudgedRow => ({ row, decision: { kind: 'skip', reason: 'has-card' } });

/** Runs the rows through a throttle. Returns when (ms) each was taken. */
function runAll(rate: SendingRate | undefined, rows: readonly JudgedRow[]) {
  let now = 1000;
  const throttle = makeThrottle(
    rate,
    rows.length,
    makeMonotonicClock(() => now),
  );
  const takenAt: number[] = [];
  let rest = rows;
  while (rest.length > 0) {
    const taken = throttle.take(rest);
    takenAt.push(...taken.map(() => now - 1000));
    rest = rest.slice(taken.length);
    if (taken.length === 0) now += Math.max(1, Math.ceil(throttle.waitMs()));
  }
  return { takenAt, throttle, wait: (ms: number) => (now += ms) };
}

const rowsOf = (count: number, make = sent) => Array.from({ length: count }, (_, index) => make(index + 1));

describe('a throttle', () => {
  it('takes all rows at once without a rate', () => {
    expect(runAll(undefined, rowsOf(300)).takenAt.at(-1)).toBe(0);
  });

  it('spreads all rows evenly over a time, skipped ones as well', () => {
    const rows = [...rowsOf(500), ...rowsOf(500, skipped)];
    const { takenAt } = runAll({ overMs: HOUR_MS }, rows);
    expect(takenAt.at(-1)).toBeGreaterThan(HOUR_MS - 5000);
    expect(takenAt.at(-1)).toBeLessThanOrEqual(HOUR_MS);
    expect(takenAt[499]).toBeGreaterThan(HOUR_MS / 2 - 5000);
    expect(takenAt[499]).toBeLessThan(HOUR_MS / 2 + 5000);
  });

  it.each([1, 7, 250])('takes at most %s customers in any second', (perSecond) => {
    const { takenAt } = runAll({ perSecond }, rowsOf(perSecond * 20));
    for (const from of takenAt) {
      const within = takenAt.filter((at) => at >= from && at < from + 1000).length;
      // The group at each end of the second may be on either side of it.
      expect(within).toBeLessThanOrEqual(Math.max(1, perSecond * 1.5) + 1);
    }
    expect(takenAt.at(-1)).toBeGreaterThan(18_000);
    expect(takenAt.at(-1)).toBeLessThan(21_000);
  });

  it('does not count skipped rows against customers per second', () => {
    expect(runAll({ perSecond: 10 }, rowsOf(1000, skipped)).takenAt.at(-1)).toBe(0);
  });

  it('does not catch up after it was held up', () => {
    const { throttle, wait } = runAll({ perSecond: 10 }, rowsOf(10));
    wait(HOUR_MS);
    expect(throttle.take(rowsOf(1000))).toHaveLength(10);
    expect(throttle.take(rowsOf(1000))).toHaveLength(0);
    expect(throttle.waitMs()).toBeCloseTo(500, 0);
  });
});

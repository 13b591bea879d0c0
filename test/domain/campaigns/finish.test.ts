import { describe, expect, it } from 'vitest';
import { expectedTime, type Progress, timeLeft } from '../../../src/domain/campaigns/finish.ts';

/** A run of 10,000 jobs, ten at a time, each of which takes 50 to 150 ms, seen every 200 ms. */
function watch(jobs = 10_000, slots = 10): { seen: Progress[]; over: number } {
  const free = Array.from({ length: slots }, () => 0);
  const ends: number[] = [];
  for (let n = 0; n < jobs; n += 1) {
    const slot = free.indexOf(Math.min(...free));
    free[slot] = (free[slot] ?? 0) + 50 + ((n * 7919) % 101);
    ends.push(free[slot] ?? 0);
  }
  const over = Math.max(...ends);
  const sorted = ends.toSorted((a, b) => a - b);
  const seen: Progress[] = [];
  let ended = 0;
  for (let at = 0; at < over; at += 200) {
    while ((sorted[ended] ?? Infinity) <= at) ended += 1;
    seen.push({ at, ended, left: jobs - ended });
  }
  return { seen, over };
}

describe('the time left', () => {
  it('is within 10 % from 5 % done on, and a band that holds the truth before', () => {
    const { seen, over } = watch();
    const told = seen.map((last, n) => ({
      left: timeLeft(seen.slice(0, n + 1)),
      truth: over - last.at,
      early: last.ended < 500,
    }));
    const misjudged = told.slice(5).filter(({ left, truth, early }) => {
      if (left === undefined) return true;
      if (early) return left.least > truth || left.most < truth || left.least === left.most;
      return left.least !== left.most || Math.abs(left.most - truth) > Math.max(truth * 0.1, 300);
    });
    expect(misjudged).toEqual([]);
  });

  it('is not told before anything has ended', () => {
    expect(timeLeft([])).toBeUndefined();
    expect(timeLeft([{ at: 0, ended: 3, left: 7 }])).toBeUndefined();
  });

  it('of calls that are still to be made follows from the limits', () => {
    expect(expectedTime(6000, { maxInFlight: 10 })).toEqual({ least: 60_000, most: 180_000 });
    expect(expectedTime(6000, { maxInFlight: 10, maxPerSecond: 50 })).toEqual({
      least: 120_000,
      most: 180_000,
    });
  });
});

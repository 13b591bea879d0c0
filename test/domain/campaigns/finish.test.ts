import { describe, expect, it } from 'vitest';
import { expectedTime, type Progress, timeLeft } from '../../../src/domain/campaigns/finish.ts';

/** Simulates 10,000 jobs, ten at a time, of 50 to 150 ms each, with a sample every 200 ms. */
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

const sample = (at: number, ended: number): Progress => ({ at, ended, left: 100 - ended });

describe('the time left', () => {
  it('is a correct range before 5 % are done and within 10 % after', () => {
    const { seen, over } = watch();
    const estimates = seen.map((last, n) => ({
      left: timeLeft(seen.slice(0, n + 1)),
      truth: over - last.at,
      early: last.ended < 500,
    }));
    const wrong = estimates.slice(5).filter(({ left, truth, early }) => {
      if (left === undefined) return true;
      if (early) return left.min > truth || left.max < truth || left.min === left.max;
      return left.min !== left.max || Math.abs(left.max - truth) > Math.max(truth * 0.1, 300);
    });
    expect(wrong).toEqual([]);
  });

  it('is undefined before a job has ended', () => {
    expect(timeLeft([])).toBeUndefined();
    expect(timeLeft([{ at: 0, ended: 3, left: 7 }])).toBeUndefined();
  });

  it('is undefined once no job has ended for 30 s, until one does', () => {
    const moving = [sample(0, 0), sample(10_000, 10)];
    expect(timeLeft([...moving, sample(39_999, 10)])).toBeDefined();
    expect(timeLeft([...moving, sample(40_000, 10)])).toBeUndefined();
    expect(timeLeft([...moving, sample(40_000, 10), sample(45_000, 11)])).toBeDefined();
  });

  it('follows from the limits before the first call', () => {
    expect(expectedTime(6000, { maxInFlight: 10 })).toEqual({ min: 60_000, max: 180_000 });
    expect(expectedTime(6000, { maxInFlight: 10, maxPerSecond: 50 })).toEqual({
      min: 120_000,
      max: 180_000,
    });
    expect(expectedTime(6000, { maxInFlight: 10, sendingRate: { perSecond: 10 } })).toEqual({
      min: 600_000,
      max: 600_000,
    });
    expect(expectedTime(6000, { maxInFlight: 10, sendingRate: { overMs: 120_000 } })).toEqual({
      min: 120_000,
      max: 180_000,
    });
  });
});

import { array, assert, constantFrom, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binOf, quantileOf } from '../../../src/domain/jobs/durations.ts';

function count(durations: readonly number[]): Record<number, number> {
  const bins: Record<number, number> = {};
  for (const ms of durations) bins[binOf(ms)] = (bins[binOf(ms)] ?? 0) + 1;
  return bins;
}

describe('a quantile of binned durations', () => {
  it('is within 10 % of the exact one', () => {
    const durations = array(double({ min: 1, max: 60_000, noNaN: true }), { minLength: 1 });
    assert(
      property(durations, constantFrom(0.5, 0.95, 1), (all, share) => {
        const truth = all.toSorted((a, b) => a - b)[Math.ceil(all.length * share) - 1]!;
        const estimate = quantileOf(count(all), share)!;
        expect(Math.abs(estimate - truth) / truth).toBeLessThan(0.1);
      }),
    );
  });

  it('is undefined for an empty histogram, and about 1 ms for durations below 1 ms', () => {
    expect(quantileOf({}, 0.5)).toBeUndefined();
    expect(quantileOf(count([0, 0.2]), 0.95)).toBeCloseTo(1, 0);
  });
});

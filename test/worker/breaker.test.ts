import { describe, expect, it } from 'vitest';
import { makeBreaker } from '../../src/worker/breaker.ts';

function setUp() {
  const time = { now: 0 };
  const breaker = makeBreaker({ clock: () => time.now, random: () => 0, threshold: 3, decideWithinMs: 50 });
  const fail = (times: number) => {
    for (let n = 0; n < times; n += 1) breaker.failed();
  };
  return { time, breaker, fail };
}

describe('the breaker', () => {
  it('stays closed if failures are interrupted by a success', () => {
    const { breaker, fail } = setUp();
    fail(2);
    breaker.succeeded();
    fail(2);
    expect(breaker.admit()).toBe(0);
  });

  it('opens after several failures in a row and admits one probe after the pause', () => {
    const { time, breaker, fail } = setUp();
    fail(3);
    expect(breaker.admit()).toBe(1000);
    time.now = 600;
    expect(breaker.admit()).toBe(400);
    time.now = 1000;
    expect(breaker.admit()).toBe(0);
    expect(breaker.admit()).toBe(1000);
  });

  it('doubles the pause with each failed probe, up to a maximum', () => {
    const { time, breaker, fail } = setUp();
    fail(3);
    const pauses: number[] = [];
    for (let probe = 0; probe < 7; probe += 1) {
      time.now += breaker.admit();
      expect(breaker.admit()).toBe(0);
      fail(1);
      pauses.push(breaker.admit());
    }
    expect(pauses).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('ignores failures of calls that were in flight when it opened', () => {
    const { breaker, fail } = setUp();
    fail(10);
    expect(breaker.admit()).toBe(1000);
  });

  it('closes with the first success', () => {
    const { time, breaker, fail } = setUp();
    fail(3);
    time.now = 1000;
    breaker.admit();
    breaker.succeeded();
    expect([breaker.isOpen(), breaker.admit(), breaker.admit()]).toEqual([false, 0, 0]);
  });

  it('attributes earlier failures to the outage once it opens', async () => {
    const { breaker, fail } = setUp();
    fail(1);
    const first = breaker.isOutage();
    fail(2);
    expect(await first).toBe(true);
    expect(await breaker.isOutage()).toBe(true);
  });

  it('attributes a failure to its own call if the next call succeeds or none ends in time', async () => {
    const { breaker, fail } = setUp();
    fail(1);
    const first = breaker.isOutage();
    breaker.succeeded();
    expect(await first).toBe(false);
    fail(1);
    expect(await breaker.isOutage()).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { makeBreaker } from '../../src/worker/breaker.ts';

function setUp() {
  const time = { now: 0 };
  const breaker = makeBreaker({ clock: () => time.now, random: () => 0, threshold: 3, patienceMs: 50 });
  const fail = (times: number) => {
    for (let n = 0; n < times; n += 1) breaker.failed();
  };
  return { time, breaker, fail };
}

describe('the breaker', () => {
  it('stays closed while failures are not in a row', () => {
    const { breaker, fail } = setUp();
    fail(2);
    breaker.answered();
    fail(2);
    expect(breaker.admit()).toBe(0);
  });

  it('opens after several in a row and lets one probe through', () => {
    const { time, breaker, fail } = setUp();
    fail(3);
    expect(breaker.admit()).toBe(1000);
    time.now = 600;
    expect(breaker.admit()).toBe(400);
    time.now = 1000;
    expect(breaker.admit()).toBe(0);
    expect(breaker.admit()).toBe(1000);
  });

  it('keeps away longer with each probe that fails, up to a limit', () => {
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

  it('is not pushed further by calls that were out when it opened', () => {
    const { breaker, fail } = setUp();
    fail(10);
    expect(breaker.admit()).toBe(1000);
  });

  it('closes with the first answer', () => {
    const { time, breaker, fail } = setUp();
    fail(3);
    time.now = 1000;
    breaker.admit();
    breaker.answered();
    expect([breaker.isOpen(), breaker.admit(), breaker.admit()]).toEqual([false, 0, 0]);
  });

  it('knows an outage by what comes next, and then for the failures before, too', async () => {
    const { breaker, fail } = setUp();
    fail(1);
    const first = breaker.isOutage();
    fail(2);
    expect(await first).toBe(true);
    expect(await breaker.isOutage()).toBe(true);
  });

  it('blames the one call when the next is answered, or when none ends in time', async () => {
    const { breaker, fail } = setUp();
    fail(1);
    const first = breaker.isOutage();
    breaker.answered();
    expect(await first).toBe(false);
    fail(1);
    expect(await breaker.isOutage()).toBe(false);
  });
});

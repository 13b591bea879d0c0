import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const dateNow = Date.now;

/** A fresh module, because the clock is one per process. */
async function load() {
  vi.resetModules();
  return import('../../src/kit/clock.ts');
}

/** Hours by which the clock of this host is wrong. */
let hostIsAheadBy = 0;

beforeEach(() => {
  hostIsAheadBy = 0;
  Date.now = () => dateNow() + hostIsAheadBy * 3_600_000;
});

afterEach(() => {
  Date.now = dateNow;
});

describe('the system clock', () => {
  it('is that of the host until Redis was asked', async () => {
    const { systemClock } = await load();
    expect(Math.abs(systemClock() - dateNow())).toBeLessThan(1000);
  });

  it.each([1, -1])('is that of Redis after that, if the host is %i h off or is set', async (hours) => {
    hostIsAheadBy = hours;
    const { monotonicClock, setSystemClock, systemClock } = await load();
    setSystemClock(dateNow(), [monotonicClock(), monotonicClock()]);
    expect(Math.abs(systemClock() - dateNow())).toBeLessThan(1000);
    hostIsAheadBy = -hours;
    expect(Math.abs(systemClock() - dateNow())).toBeLessThan(1000);
  });

  it('is what BullMQ reads', async () => {
    hostIsAheadBy = 1;
    const { monotonicClock, setSystemClock } = await load();
    setSystemClock(dateNow(), [monotonicClock(), monotonicClock()]);
    expect(Math.abs(Date.now() - dateNow())).toBeLessThan(1000);
  });

  it('returns whole milliseconds, which scripts of Redis store', async () => {
    const { setSystemClock, systemClock } = await load();
    setSystemClock(1_800_000_000_000.25, [10.1, 10.3]);
    expect(Number.isInteger(systemClock())).toBe(true);
  });

  it('moves no further than a reading proves, so that a slow answer sets no time', async () => {
    const { monotonicClock, setSystemClock, systemClock } = await load();
    const start = monotonicClock();
    setSystemClock(1_800_000_000_000, [start, start]);
    const error = () => Math.round(systemClock() - monotonicClock() - (1_800_000_000_000 - start));
    const within = (ms: number) => expect(Math.abs(error() - ms)).toBeLessThanOrEqual(2);
    setSystemClock(1_800_000_000_000 + 3000, [start, start + 5000]);
    within(0);
    setSystemClock(1_800_000_000_000 + 9000, [start, start + 5000]);
    within(4000);
    setSystemClock(1_800_000_000_000 - 9000, [start, start + 5000]);
    within(-9000);
  });
});

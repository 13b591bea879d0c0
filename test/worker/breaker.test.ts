import { describe, expect, it } from 'vitest';
import { makeMonotonicClock } from '../../src/kit/clock.ts';
import { type Admission, makeBreaker } from '../../src/worker/breaker.ts';

function setUp() {
  const time = { now: 0 };
  const breaker = makeBreaker({
    clock: makeMonotonicClock(() => time.now),
    random: () => 0,
    threshold: 3,
    decideWithinMs: 50,
  });
  /** Admits a call; throws if the breaker does not. */
  const admitted = () => {
    const admission = breaker.admit();
    if (!admission.admitted) throw new Error(`not admitted for ${admission.pauseMs} ms`);
    return admission;
  };
  const fail = (times: number) => {
    const calls = Array.from({ length: times }, admitted);
    for (const call of calls) call.end('outage');
  };
  const wait = () => pauseOf(breaker.admit());
  return { time, breaker, admitted, fail, wait };
}

function pauseOf(admission: Admission): number {
  return admission.admitted ? 0 : admission.pauseMs;
}

describe('the breaker', () => {
  it('stays closed if failures are interrupted by a success', () => {
    const { admitted, fail, wait } = setUp();
    fail(2);
    admitted().end('served');
    fail(2);
    expect(wait()).toBe(0);
  });

  it('opens after several failures in a row and admits one probe after the pause', () => {
    const { time, admitted, fail, wait } = setUp();
    fail(3);
    expect(wait()).toBe(1000);
    time.now = 600;
    expect(wait()).toBe(400);
    time.now = 1000;
    expect(admitted().isProbe).toBe(true);
    expect(wait()).toBe(1000);
  });

  it('doubles the pause with each failed probe, up to a maximum', () => {
    const { time, fail, wait } = setUp();
    fail(3);
    const pauses: number[] = [];
    for (let probe = 0; probe < 7; probe += 1) {
      time.now += wait();
      fail(1);
      pauses.push(wait());
    }
    expect(pauses).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('ignores failures of calls that were in flight when it opened, also while it probes', () => {
    const { time, admitted, fail, wait } = setUp();
    const [early, late] = [admitted(), admitted()];
    fail(10);
    early.end('outage');
    expect(wait()).toBe(1000);
    time.now = 1000;
    const probe = admitted();
    late.end('outage');
    expect(wait()).toBe(1000);
    probe.end('outage');
    expect(wait()).toBe(2000);
  });

  it('closes with the first success', () => {
    const { time, breaker, admitted, fail, wait } = setUp();
    fail(3);
    time.now = 1000;
    admitted().end('served');
    expect([breaker.isOpen(), wait(), wait()]).toEqual([false, 0, 0]);
  });

  it('admits another probe if one ended without a result', () => {
    const { time, breaker, admitted, fail } = setUp();
    fail(3);
    time.now = 1000;
    admitted().end('undecided');
    expect(breaker.isOpen()).toBe(true);
    expect(admitted().isProbe).toBe(true);
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
    const { breaker, admitted, fail } = setUp();
    fail(1);
    const first = breaker.isOutage();
    admitted().end('served');
    expect(await first).toBe(false);
    fail(1);
    expect(await breaker.isOutage()).toBe(false);
  });
});

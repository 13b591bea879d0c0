import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { monotonicClock } from '../../src/kit/clock.ts';
import { type CreateAdmission, makeCreateBreaker } from '../../src/worker/create-breaker.ts';
import { makeDoubtsOfOne } from '../support/create-doubts.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Admitted = Extract<CreateAdmission, { admitted: true }>;

function setUp({ canProbe = true } = {}) {
  const breaker = makeCreateBreaker({
    clock: monotonicClock,
    doubts: makeDoubtsOfOne(monotonicClock),
    canProbe,
  });
  /** Starts a create; throws if it is not admitted. */
  const start = async (): Promise<Admitted> => {
    const admission = await breaker.admit();
    if (!admission.admitted) throw new Error(`not admitted for ${admission.pauseMs} ms`);
    return admission;
  };
  const startAll = (count: number) => Promise.all(Array.from({ length: count }, start));
  /** Starts a create and reports whether it was admitted meanwhile. */
  const waiting = () => {
    const state: { admission?: CreateAdmission } = {};
    void breaker.admit().then((admission) => (state.admission = admission));
    return state;
  };
  return { breaker, start, startAll, waiting };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

/** Ends a new create as one that may have made its card. */
async function fail(start: () => Promise<Admitted>): Promise<void> {
  (await start()).end('maybe');
}

describe('the breaker of creates', () => {
  it('admits any number of creates while none may have been made', async () => {
    const { startAll } = setUp();
    const creates = await startAll(50);
    expect(creates.some(({ needsProbe }) => needsProbe)).toBe(false);
  });

  it('starts no create after one that may have been made, until a younger one succeeds', async () => {
    const { startAll, waiting } = setUp();
    const [older, failed, younger] = await startAll(3);
    failed?.end('maybe');
    const next = [waiting(), waiting()];
    older?.end('made');
    await settle();
    expect(next).toEqual([{}, {}]);
    younger?.end('made');
    await settle();
    expect(next).toMatchObject(
      Array.from({ length: 2 }, () => ({ admission: { admitted: true, needsProbe: false } })),
    );
  });

  it('does not doubt creates if a younger one has succeeded before', async () => {
    const { start, startAll } = setUp();
    const [slow, younger] = await startAll(2);
    younger?.end('made');
    slow?.end('maybe');
    expect(await start()).toMatchObject({ needsProbe: false });
  });

  it('admits one create as a trial if none is in flight that could decide, after a call that makes nothing', async () => {
    const { start, waiting } = setUp();
    await fail(start);
    const trial = await start();
    expect(trial.needsProbe).toBe(true);
    const next = [waiting(), waiting()];
    await settle();
    expect(next).toEqual([{}, {}]);
    trial.end('made');
    await settle();
    expect(next).toMatchObject(
      Array.from({ length: 2 }, () => ({ admission: { admitted: true, needsProbe: false } })),
    );
  });

  it('needs no probe for a trial if Passmachine has served another call since', async () => {
    const { breaker, start } = setUp();
    await fail(start);
    breaker.served();
    expect(await start()).toMatchObject({ needsProbe: false });
  });

  it('admits the next trial if one was not sent', async () => {
    const { start, waiting } = setUp();
    await fail(start);
    const trial = await start();
    const next = [waiting(), waiting()];
    trial.end('nothing');
    await settle();
    expect(next).toMatchObject([{ admission: { admitted: true, needsProbe: true } }, {}]);
  });

  it('lets a create wait for at most a second', async () => {
    const { startAll, waiting } = setUp();
    const [failed] = await startAll(2);
    failed?.end('maybe');
    const next = waiting();
    await vi.advanceTimersByTimeAsync(999);
    expect(next).toEqual({});
    await vi.advanceTimersByTimeAsync(1);
    expect(next).toEqual({ admission: { admitted: false, pauseMs: 1000 } });
  });

  it('triples the pause with each failed trial, up to ten minutes, and ends it with a success', async () => {
    const { breaker, start } = setUp();
    await fail(start);
    expect(breaker.isOpen()).toBe(false);
    const pauses: number[] = [];
    for (let trial = 0; trial < 7; trial += 1) {
      await fail(start);
      expect(breaker.isOpen()).toBe(true);
      expect(await breaker.admit()).toEqual({ admitted: false, pauseMs: breaker.pauseMs() });
      pauses.push(breaker.pauseMs());
      await vi.advanceTimersByTimeAsync(breaker.pauseMs());
    }
    expect(pauses).toEqual([5000, 15_000, 45_000, 135_000, 405_000, 600_000, 600_000]);
    (await start()).end('made');
    expect([breaker.isOpen(), breaker.pauseMs()]).toEqual([false, 0]);
    await fail(start);
    expect(await start()).toMatchObject({ admitted: true });
  });

  it('needs a trial, after a call that makes nothing, if creates are in doubt elsewhere', async () => {
    const { breaker, start, startAll, waiting } = setUp();
    await startAll(2);
    breaker.doubt();
    const trial = await start();
    expect(trial).toMatchObject({ isTrial: true, needsProbe: true });
    // Claims of the others are refused later.
    breaker.doubt();
    const next = waiting();
    await settle();
    expect(next).toEqual({});
    trial.end('made');
    await settle();
    expect(next).toMatchObject({ admission: { admitted: true, isTrial: false } });
  });

  it('without a call that makes nothing, gives updates two seconds to come first', async () => {
    const { breaker, start } = setUp({ canProbe: false });
    await fail(start);
    expect(await breaker.admit()).toEqual({ admitted: false, pauseMs: 2000 });
    breaker.served();
    const trial = await start();
    trial.end('maybe');
    expect(await breaker.admit()).toEqual({ admitted: false, pauseMs: 5000 });
  });
});

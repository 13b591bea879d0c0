/** The slot scheduler without Redis: the test controls the clock and the permits. */

import { describe, expect, it } from 'vitest';
import { makeMonotonicClock } from '../../src/kit/clock.ts';
import type { Slot } from '../../src/domain/jobs/slot.ts';
import { makeSlotScheduler } from '../../src/limiter/slot-scheduler.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp() {
  let now = 1000;
  let shortages = 0;
  let surpluses = 0;
  const scheduler = makeSlotScheduler(
    makeMonotonicClock(() => now),
    {
      onShortage: () => (shortages += 1),
      onSurplus: () => (surpluses += 1),
    },
  );
  const preparing: string[] = [];
  const calling: string[] = [];
  const turnedAway: string[] = [];
  const slots = new Map<string, Slot>();
  /** A job that is prepared in no time, then waits for its permit. */
  const request = (name: string, priority = 10) => {
    void scheduler.acquire(priority).then(async (slot) => {
      if (slot === undefined) return turnedAway.push(name);
      preparing.push(name);
      slots.set(name, slot);
      return (await slot.waitForPermit()) ? calling.push(name) : turnedAway.push(name);
    });
  };
  return {
    scheduler,
    request,
    preparing,
    calling,
    turnedAway,
    shortages: () => shortages,
    surpluses: () => surpluses,
    slot: (name: string) => slots.get(name),
    advanceClock: (ms: number) => (now += ms),
    release: async (name: string) => {
      slots.get(name)?.release();
      await settled();
    },
  };
}

const names = (count: number) => Array.from({ length: count }, (_, nth) => `j${nth + 1}`);

describe('the slot scheduler', () => {
  it('starts as many calls as there are permits, and prepares one more job', async () => {
    const { scheduler, request, preparing, calling, release } = setUp();
    names(6).forEach((name) => request(name));
    await settled();
    expect(preparing).toEqual([]);
    scheduler.setPermits(3, Infinity);
    await settled();
    expect(calling).toEqual(['j1', 'j2', 'j3']);
    expect(preparing).toEqual(['j1', 'j2', 'j3', 'j4']);
    await release('j2');
    expect(calling).toEqual(['j1', 'j2', 'j3', 'j4']);
    expect(preparing).toHaveLength(5);
  });

  it('puts urgent requests before waiting ones, but not before those being prepared', async () => {
    const { scheduler, request, calling, release } = setUp();
    scheduler.setPermits(1, Infinity);
    names(4).forEach((name) => request(name));
    await settled();
    request('urgent', 1);
    request('less urgent', 5);
    for (const name of ['j1', 'j2', 'urgent', 'less urgent', 'j3', 'j4']) {
      expect(calling.at(-1)).toBe(name);
      await release(name);
    }
  });

  it('counts a release once, whether or not the call was made', async () => {
    const { scheduler, request, release } = setUp();
    scheduler.setPermits(2, Infinity);
    names(2).forEach((name) => request(name));
    const skipped = await scheduler.acquire(10);
    await settled();
    expect(scheduler.demand()).toMatchObject({ inFlight: 2, wanted: 3 });
    skipped?.release();
    skipped?.release();
    await release('j1');
    await release('j1');
    expect(scheduler.demand()).toMatchObject({ inFlight: 1, wanted: 1 });
  });

  it('prepares more jobs ahead if preparing takes long compared to a call', async () => {
    const { scheduler, request, preparing, advanceClock } = setUp();
    scheduler.setPermits(10, Infinity);
    const slot = await scheduler.acquire(10);
    advanceClock(20);
    await slot?.waitForPermit();
    advanceClock(20);
    slot?.release();
    names(30).forEach((name) => request(name));
    await settled();
    expect(preparing).toHaveLength(20);
  });

  it('starts no call once the lease could expire during it, and continues after a renewal', async () => {
    const { scheduler, request, calling, advanceClock, release } = setUp();
    scheduler.setPermits(1, 1500);
    names(2).forEach((name) => request(name));
    await settled();
    advanceClock(501);
    await release('j1');
    expect(calling).toEqual(['j1']);
    scheduler.setPermits(1, 3000);
    await settled();
    expect(calling).toEqual(['j1', 'j2']);
  });

  it('withdraws a permit that another process got before the call left, also after a renewal', async () => {
    const { scheduler, request, slot, advanceClock, release } = setUp();
    scheduler.setPermits(2, 2000);
    request('j1');
    request('j2');
    await settled();
    expect(slot('j1')?.isCurrent()).toBe(true);
    // The process stands still, and its lease runs out. The renewal is answered before the claim.
    advanceClock(15_000);
    expect(slot('j1')?.isCurrent()).toBe(false);
    scheduler.setPermits(1, 18_000);
    expect(slot('j1')?.isCurrent()).toBe(false);
    scheduler.setPermits(10, 18_000);
    expect(slot('j1')?.isCurrent()).toBe(false);
    await release('j1');
    request('j3');
    await settled();
    expect(slot('j3')?.isCurrent()).toBe(true);
  });

  it('keeps a permit whose lease is renewed in time', async () => {
    const { scheduler, request, slot, advanceClock } = setUp();
    scheduler.setPermits(2, 2000);
    request('j1');
    await settled();
    advanceClock(900);
    scheduler.setPermits(1, 3000);
    advanceClock(900);
    expect(slot('j1')?.isCurrent()).toBe(true);
  });

  it('uses a rate token per call, and prepares no job without one', async () => {
    const { scheduler, request, preparing, calling, advanceClock, shortages, release } = setUp();
    scheduler.addRateTokens(2, 2000);
    scheduler.setPermits(10, Infinity);
    names(5).forEach((name) => request(name));
    await settled();
    await release('j1');
    expect([calling, preparing]).toEqual([
      ['j1', 'j2'],
      ['j1', 'j2'],
    ]);
    expect(scheduler.demand()).toEqual({ inFlight: 1, wanted: 4, tokensNeeded: 3 });
    expect(shortages()).toBeGreaterThan(0);
    scheduler.addRateTokens(1, 2000);
    await settled();
    expect(calling).toEqual(['j1', 'j2', 'j3']);
    // Unused tokens expire.
    await release('j2');
    await release('j3');
    scheduler.addRateTokens(3, 2000);
    await settled();
    advanceClock(1001);
    request('late');
    await settled();
    expect(calling).toHaveLength(5);
    scheduler.addRateTokens(Infinity, Infinity);
    await settled();
    expect(calling).toHaveLength(6);
  });

  it('reports a shortage and a surplus of permits', async () => {
    const { scheduler, request, shortages, surpluses } = setUp();
    request('j1');
    expect([shortages(), surpluses()]).toEqual([1, 0]);
    scheduler.setPermits(2, Infinity);
    await settled();
    expect(surpluses()).toBeGreaterThan(0);
  });

  it('turns away every request whose call has not started when it closes', async () => {
    const { scheduler, request, calling, turnedAway } = setUp();
    request('j1');
    scheduler.setPermits(1, Infinity);
    names(4)
      .slice(1)
      .forEach((name) => request(name));
    await settled();
    scheduler.close();
    request('late');
    await settled();
    expect(calling).toEqual(['j1']);
    expect(turnedAway.toSorted()).toEqual(['j2', 'j3', 'j4', 'late']);
  });
});

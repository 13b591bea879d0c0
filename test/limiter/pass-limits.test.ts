/** The limits on calls, in a real Redis, by what workers on a real queue do about them. */

import { describe, expect, it, onTestFinished } from 'vitest';
import type { Limits } from '../../src/domain/campaigns/limits.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { startPassConsumer } from '../../src/queue/pass-consumer.ts';
import { openPassLimits } from '../../src/limiter/pass-limits.ts';
import { openPassQueue } from '../../src/queue/pass-queue.ts';
import { openPermits } from '../../src/limiter/permits.ts';
import { eventually } from '../support/eventually.ts';
import { makeJob, silent } from '../support/make.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

function setUp() {
  const redis = openRedis();
  const prefix = testPrefix();
  /** The limits as another process sees them. */
  const open = (configured: Limits) => openPassLimits(redis, prefix, configured);
  return { redis, prefix, open };
}

/** Two workers of ten, and calls that stay open until they are released. */
async function setUpWorkers() {
  const { redis, prefix, open } = setUp();
  const queue = openPassQueue(redis, prefix);
  onTestFinished(() => queue.close());
  const limits = open({ maxInFlight: 10 });
  await limits.hold();
  const calls: (() => void)[] = [];
  const starts: number[] = [];
  for (let worker = 0; worker < 2; worker += 1) {
    const consumer = startPassConsumer({
      redis,
      prefix,
      queue,
      permits: openPermits(redis, prefix, { process: `worker ${worker}`, configured: { maxInFlight: 10 } }),
      maxInFlight: 10,
      callMs: 10_000,
      handle: async (_job, slot) => {
        if (!(await slot.start())) throw new Error('it stopped too early');
        starts.push(performance.now());
        await new Promise<void>((resolve) => calls.push(resolve));
        return { kind: 'done' };
      },
      deadLetter: async () => true,
      clock: systemClock,
      random: Math.random,
      log: silent,
    });
    onTestFinished(async () => {
      await limits.set({ maxInFlight: 1 });
      const releasing = setInterval(() => calls.splice(0).forEach((release) => release()), 10);
      await consumer.stop();
      clearInterval(releasing);
    });
  }
  const addJobs = (count: number) =>
    queue.add(
      Array.from({ length: count }, (_, row) => makeJob(row)),
      'campaign',
    );
  /** Until both workers have asked for their permits anew. */
  const asked = async () => {
    const before = new Set(await redis.hvals(`${prefix}:permits`));
    await eventually(async () => {
      const after = await redis.hvals(`${prefix}:permits`);
      expect(after.filter((told) => !before.has(told))).toHaveLength(2);
    });
  };
  return { limits, calls, starts, addJobs, asked };
}

describe('the limits in force', () => {
  it('are the configured ones, before and after a worker has started', async () => {
    const limits = setUp().open({ maxInFlight: 10 });
    const expected = {
      maxInFlight: { limit: 10, configured: 10, byHand: false },
      maxPerSecond: { limit: undefined, configured: undefined, byHand: false },
    };
    expect(await limits.inForce()).toEqual(expected);
    await limits.hold();
    expect(await limits.inForce()).toEqual(expected);
  });

  it('are those set by hand, each on its own, also for a process that starts later, until they are reset', async () => {
    const { open } = setUp();
    const configured = { maxInFlight: 10, maxPerSecond: 50 };
    await open(configured).set({ maxInFlight: 3 });
    const later = open(configured);
    await later.hold();
    expect(await later.inForce()).toEqual({
      maxInFlight: { limit: 3, configured: 10, byHand: true },
      maxPerSecond: { limit: 50, configured: 50, byHand: false },
    });
    await later.set({ maxPerSecond: 20 });
    expect(await later.inForce()).toMatchObject({
      maxInFlight: { limit: 3, byHand: true },
      maxPerSecond: { limit: 20, byHand: true },
    });
    await later.reset();
    expect(await later.inForce()).toMatchObject({
      maxInFlight: { limit: 10, byHand: false },
      maxPerSecond: { limit: 50, byHand: false },
    });
  });

  it('never exceed what is configured, also where that is lowered afterwards', async () => {
    const { open } = setUp();
    await open({ maxInFlight: 10 }).set({ maxInFlight: 8, maxPerSecond: 100 });
    const restarted = open({ maxInFlight: 5, maxPerSecond: 50 });
    await restarted.hold();
    expect(await restarted.inForce()).toMatchObject({
      maxInFlight: { limit: 5, byHand: false },
      maxPerSecond: { limit: 50, byHand: false },
    });
  });

  it('stay when somebody clears the queue, and it obeys the gate again', async () => {
    const { redis, prefix, open } = setUp();
    const limits = open({ maxInFlight: 10 });
    await limits.set({ maxInFlight: 4 });
    expect([await limits.hold(), await limits.hold()]).toEqual([true, false]);
    await redis.del(`${prefix}:pass:meta`);
    expect([await limits.hold(), await limits.hold()]).toEqual([true, false]);
    // As an earlier version left it.
    await redis.hset(`${prefix}:pass:meta`, 'concurrency', 10);
    expect([await limits.hold(), await limits.hold()]).toEqual([true, false]);
    expect(await limits.inForce()).toMatchObject({ maxInFlight: { limit: 4, byHand: true } });
  });
});

describe('a change of the limits', () => {
  it('lets calls in flight finish, starts none above a lowered cap, and uses a raised one within a second', async () => {
    const { limits, calls, starts, addJobs, asked } = await setUpWorkers();
    await addJobs(40);
    await eventually(() => expect(calls).toHaveLength(10));
    await limits.set({ maxInFlight: 3 });
    await asked();
    calls.splice(0, 7).forEach((release) => release());
    calls.shift()?.();
    // The one above the eight that ended makes room for one.
    await eventually(() => expect(starts).toHaveLength(11));
    expect(calls).toHaveLength(3);

    await limits.set({ maxInFlight: 8 });
    const raised = performance.now();
    await eventually(() => expect(calls).toHaveLength(8));
    expect(performance.now() - raised).toBeLessThan(1000);
  });

  it('of the rate holds for the calls of the next second', async () => {
    const { limits, calls, starts, addJobs } = await setUpWorkers();
    await limits.set({ maxPerSecond: 4 });
    await addJobs(12);
    const releasing = setInterval(() => calls.splice(0).forEach((release) => release()), 10);
    onTestFinished(() => clearInterval(releasing));
    await eventually(() => expect(starts).toHaveLength(12));
    const [first = 0, fifth = 0, ninth = 0] = [starts[0], starts[4], starts[8]];
    expect(fifth - first).toBeGreaterThan(900);
    expect(ninth - first).toBeGreaterThan(1900);
  });
});

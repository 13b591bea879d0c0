/** The limits on calls in a real Redis, observed through workers on a real queue. */

import { describe, expect, it, onTestFinished } from 'vitest';
import type { Limits } from '../../src/domain/campaigns/limits.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { makeLimiterKeys } from '../../src/limiter/limiter-keys.ts';
import { openPassLimits } from '../../src/limiter/pass-limits.ts';
import { startPassConsumer } from '../../src/queue/pass-consumer.ts';
import { openPassQueue } from '../../src/queue/pass-queue.ts';
import { makeAssertQueueConfig } from '../../src/queue/queue-config.ts';
import { startTestLimiter } from '../support/call-limiter.ts';
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

/** Two workers with ten slots each, and calls that stay in flight until the test ends them. */
async function setUpWorkers() {
  const { redis, prefix, open } = setUp();
  const queue = openPassQueue(redis, prefix);
  onTestFinished(() => queue.close());
  const limits = open({ maxInFlight: 10 });
  await makeAssertQueueConfig(redis, prefix)();
  const calls: (() => void)[] = [];
  const startTimes: number[] = [];
  for (let worker = 0; worker < 2; worker += 1) {
    const consumer = startPassConsumer({
      redis,
      prefix,
      queue,
      limiter: startTestLimiter(redis, prefix, { maxInFlight: 10 }),
      maxInFlight: 10,
      handle: async (_job, slot) => {
        if (!(await slot.waitForPermit())) throw new Error('the limiter closed too early');
        startTimes.push(performance.now());
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
      const ending = setInterval(() => calls.splice(0).forEach((end) => end()), 10);
      await consumer.stop();
      clearInterval(ending);
    });
  }
  const addJobs = (count: number) =>
    queue.add(
      Array.from({ length: count }, (_, row) => makeJob(row)),
      'campaign',
    );
  /** Waits until both workers have renewed their permits. */
  const renewed = async () => {
    const { permits } = makeLimiterKeys(prefix);
    const before = new Set(await redis.hvals(permits));
    await eventually(async () => {
      const after = await redis.hvals(permits);
      expect(after.filter((report) => !before.has(report))).toHaveLength(2);
    });
  };
  return { limits, calls, startTimes, addJobs, renewed };
}

describe('the effective limits', () => {
  it('are the configured ones by default', async () => {
    const limits = setUp().open({ maxInFlight: 10 });
    expect(await limits.effective()).toEqual({
      maxInFlight: { limit: 10, configured: 10, overridden: false },
      maxPerSecond: { limit: undefined, configured: undefined, overridden: false },
    });
  });

  it('are those set by hand, independently and in processes started later, until they are reset', async () => {
    const { open } = setUp();
    const configured = { maxInFlight: 10, maxPerSecond: 50 };
    await open(configured).set({ maxInFlight: 3 });
    const later = open(configured);
    expect(await later.effective()).toEqual({
      maxInFlight: { limit: 3, configured: 10, overridden: true },
      maxPerSecond: { limit: 50, configured: 50, overridden: false },
    });
    await later.set({ maxPerSecond: 20 });
    expect(await later.effective()).toMatchObject({
      maxInFlight: { limit: 3, overridden: true },
      maxPerSecond: { limit: 20, overridden: true },
    });
    await later.reset();
    expect(await later.effective()).toMatchObject({
      maxInFlight: { limit: 10, overridden: false },
      maxPerSecond: { limit: 50, overridden: false },
    });
  });

  it('never exceed the configured ones, even if those are lowered later', async () => {
    const { open } = setUp();
    await open({ maxInFlight: 10 }).set({ maxInFlight: 8, maxPerSecond: 100 });
    const restarted = open({ maxInFlight: 5, maxPerSecond: 50 });
    expect(await restarted.effective()).toMatchObject({
      maxInFlight: { limit: 5, overridden: false },
      maxPerSecond: { limit: 50, overridden: false },
    });
  });
});

describe('a change of the limits', () => {
  it('lets calls in flight finish, applies a lower cap to new ones, and then uses a higher cap', async () => {
    const { limits, calls, startTimes, addJobs, renewed } = await setUpWorkers();
    await addJobs(40);
    await eventually(() => expect(calls).toHaveLength(10));
    await limits.set({ maxInFlight: 3 });
    await renewed();
    calls.splice(0, 7).forEach((end) => end());
    calls.shift()?.();
    // Eight of ten calls have ended, so one more may start.
    await eventually(() => expect(startTimes).toHaveLength(11));
    expect(calls).toHaveLength(3);

    await limits.set({ maxInFlight: 8 });
    await eventually(() => expect(calls).toHaveLength(8));
  });

  it('of the rate applies to the calls of the next second', async () => {
    const { limits, calls, startTimes, addJobs } = await setUpWorkers();
    await limits.set({ maxPerSecond: 4 });
    await addJobs(12);
    const ending = setInterval(() => calls.splice(0).forEach((end) => end()), 10);
    onTestFinished(() => clearInterval(ending));
    await eventually(() => expect(startTimes).toHaveLength(12));
    const [first = 0, fifth = 0, ninth = 0] = [startTimes[0], startTimes[4], startTimes[8]];
    expect(fifth - first).toBeGreaterThan(900);
    expect(ninth - first).toBeGreaterThan(1900);
  });
});

/** What the queue tells of itself to whoever looks at it. */

import { describe, expect, it, onTestFinished } from 'vitest';
import { sleep, systemClock } from '../../src/kit/clock.ts';
import { startPassConsumer } from '../../src/queue/pass-consumer.ts';
import { openPassLimits } from '../../src/queue/pass-limits.ts';
import { openPassQueue } from '../../src/queue/pass-queue.ts';
import { openPermits } from '../../src/queue/permits.ts';
import { eventually } from '../support/eventually.ts';
import { makeJob, silent } from '../support/make.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

function setUp() {
  const [redis, prefix] = [openRedis(), testPrefix()];
  const queue = openPassQueue(redis, prefix);
  onTestFinished(() => queue.close());
  const hold = async () => {
    const over = new AbortController();
    const consumer = startPassConsumer({
      redis,
      prefix,
      queue,
      permits: openPermits(redis, prefix, { process: 'worker', most: 2 }),
      maxInFlight: 1,
      callMs: 10_000,
      handle: async () => {
        await sleep(60_000, over.signal);
        return { kind: 'done' };
      },
      setAside: async () => true,
      clock: systemClock,
      log: silent,
    });
    onTestFinished(async () => {
      over.abort();
      await consumer.stop();
    });
  };
  return { redis, prefix, queue, hold };
}

describe('a look at the pass queue', () => {
  it('names the jobs in hand with the time since when', async () => {
    const { queue, hold } = setUp();
    expect(await queue.inHand()).toEqual([]);
    const startedAt = Date.now();
    await queue.add([makeJob(1), makeJob(2), makeJob(3)], 'campaign');
    await hold();
    await eventually(async () => expect(await queue.inHand()).toHaveLength(2));
    const inHand = await queue.inHand();
    expect(inHand.map(({ job }) => job)).toEqual([makeJob(1), makeJob(2)]);
    for (const { since } of inHand) expect(since).toBeGreaterThanOrEqual(startedAt);
  });

  it('finds the job that has waited longest behind more urgent ones', async () => {
    const { queue } = setUp();
    expect(await queue.oldestWaitingAt()).toBeUndefined();
    await queue.add([makeJob(1)], 'bulkRetry');
    const added = Date.now();
    await eventually(() => expect(Date.now()).toBeGreaterThan(added + 20));
    await queue.add([makeJob(2), makeJob(3)], 'webhook');
    await queue.add([makeJob(4)], 'campaign');
    expect(await queue.oldestWaitingAt()).toBeLessThanOrEqual(added);
  });

  it('takes a rate that is used up for no gate', async () => {
    const { redis, prefix, queue, hold } = setUp();
    await openPassLimits(redis, prefix, { maxInFlight: 10, maxPerSecond: 1 }).hold();
    await queue.add([makeJob(1), makeJob(2)], 'campaign');
    await hold();
    await eventually(async () => expect(await queue.inHand()).toHaveLength(1));
    expect(await queue.gateMs()).toBe(0);
    await queue.closeGate(5000);
    expect(await queue.gateMs()).toBeGreaterThan(4000);
  });
});

/** What the queue tells of itself to whoever looks at it. */

import { describe, expect, it, onTestFinished } from 'vitest';
import { type PassJob, withoutStay } from '../../src/domain/jobs/pass-job.ts';
import { sleep, systemClock } from '../../src/kit/clock.ts';
import { startPassConsumer } from '../../src/queue/pass-consumer.ts';
import { openPassQueue } from '../../src/queue/pass-queue.ts';
import { openPermits } from '../../src/limiter/permits.ts';
import { eventually } from '../support/eventually.ts';
import { makeJob, silent } from '../support/make.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

function setUp() {
  const [redis, prefix] = [openRedis(), testPrefix()];
  const queue = openPassQueue(redis, prefix);
  onTestFinished(() => queue.close());
  const hold = async () => {
    const release = new AbortController();
    const consumer = startPassConsumer({
      redis,
      prefix,
      queue,
      permits: openPermits(redis, prefix, { process: 'worker', configured: { maxInFlight: 2 } }),
      maxInFlight: 1,
      callMs: 10_000,
      handle: async () => {
        await sleep(60_000, release.signal);
        return { kind: 'done' };
      },
      deadLetter: async () => true,
      clock: systemClock,
      random: Math.random,
      log: silent,
    });
    onTestFinished(async () => {
      release.abort();
      await consumer.stop();
    });
  };
  return { redis, prefix, queue, hold };
}

describe('a look at the pass queue', () => {
  it('counts and names jobs, however many stand in one entry', async () => {
    const { queue, hold } = setUp();
    expect(await queue.inHand()).toEqual([]);
    const jobs = Array.from({ length: 45 }, (_, nth) => makeJob(nth + 1));
    const startedAt = Date.now();
    await queue.add(jobs, 'campaign');
    expect(await queue.depth()).toEqual({ waiting: 45, delayed: 0, active: 0 });
    await hold();
    // It has four entries in hand.
    await eventually(async () => expect(await queue.depth()).toEqual({ waiting: 5, delayed: 0, active: 40 }));
    expect((await queue.inHand()).map(withoutStay)).toEqual(jobs.slice(0, 40));
    expect((await queue.oldestAt()).inHand).toBeGreaterThanOrEqual(startedAt);
  });

  it('adds the same jobs once, and others although they begin and end alike', async () => {
    const { queue } = setUp();
    for (const rows of [
      [1, 2, 4],
      [1, 2, 4],
      [1, 3, 4],
    ]) {
      await queue.add(
        rows.map((row) => makeJob(row)),
        'campaign',
      );
    }
    expect(await queue.depth()).toMatchObject({ waiting: 6 });
  });

  it('takes single jobs out of their entry, and the entry with the last of them', async () => {
    const { queue } = setUp();
    await queue.add([makeJob(1), makeJob(2), makeJob(3), makeJob(1, { campaign: 'other' })], 'campaign');
    const left = async () => {
      const found: PassJob[] = [];
      for await (const page of queue.waiting('run')) found.push(...page.map(({ job }) => withoutStay(job)));
      return found;
    };
    await Promise.all([queue.remove(makeJob(1)), queue.remove(makeJob(3))]);
    expect(await left()).toEqual([makeJob(2)]);
    await queue.remove(makeJob(2));
    await queue.remove(makeJob(2));
    expect(await left()).toEqual([]);
    expect(await queue.depth()).toEqual({ waiting: 1, delayed: 0, active: 0 });
  });

  it('finds the job that has waited longest behind more urgent ones', async () => {
    const { queue } = setUp();
    expect(await queue.oldestAt()).toEqual({ waiting: undefined, inHand: undefined });
    await queue.add([makeJob(1)], 'bulkRetry');
    const added = Date.now();
    await eventually(() => expect(Date.now()).toBeGreaterThan(added + 20));
    await queue.add([makeJob(2), makeJob(3)], 'webhook');
    await queue.add([makeJob(4)], 'campaign');
    const oldest = await queue.oldestAt();
    expect(oldest.waiting).toBeLessThanOrEqual(added);
    expect(oldest.inHand).toBeUndefined();
  });
});

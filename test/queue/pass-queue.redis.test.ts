import { describe, expect, it, onTestFinished } from 'vitest';
import { type PassJob, withoutDeliveryId } from '../../src/domain/jobs/pass-job.ts';
import { sleep, systemClock } from '../../src/kit/clock.ts';
import { startPassConsumer } from '../../src/queue/pass-consumer.ts';
import { openPassQueue } from '../../src/queue/pass-queue.ts';
import { startTestLimiter } from '../support/call-limiter.ts';
import { eventually } from '../support/eventually.ts';
import { makeJob, silent } from '../support/make.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

function setUp() {
  const [redis, prefix] = [openRedis(), testPrefix()];
  const queue = openPassQueue(redis, prefix);
  onTestFinished(() => queue.close());
  /** Starts a worker whose jobs run until the test ends. */
  const startWorker = async () => {
    const finish = new AbortController();
    const consumer = startPassConsumer({
      redis,
      prefix,
      queue,
      limiter: startTestLimiter(redis, prefix, { maxInFlight: 2 }),
      maxInFlight: 1,
      handle: async () => {
        await sleep(60_000, finish.signal);
        return { kind: 'done' };
      },
      deadLetter: async () => true,
      clock: systemClock,
      random: Math.random,
      log: silent,
    });
    onTestFinished(async () => {
      finish.abort();
      await consumer.stop();
    });
  };
  return { queue, startWorker };
}

describe('the pass queue', () => {
  it('counts and lists pass jobs, not batch jobs', async () => {
    const { queue, startWorker } = setUp();
    expect(await queue.active()).toEqual([]);
    const jobs = Array.from({ length: 45 }, (_, nth) => makeJob(nth + 1));
    const startedAt = Date.now();
    await queue.add(jobs, 'campaign');
    expect(await queue.depth()).toEqual({ waiting: 45, delayed: 0, active: 0 });
    await startWorker();
    // The worker takes four batch jobs.
    await eventually(async () => expect(await queue.depth()).toEqual({ waiting: 5, delayed: 0, active: 40 }));
    expect((await queue.active()).map(withoutDeliveryId)).toEqual(jobs.slice(0, 40));
    expect((await queue.oldestAt()).active).toBeGreaterThanOrEqual(startedAt);
  });

  it('adds the same jobs once, and tells batches with equal first and last jobs apart', async () => {
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

  it('removes single jobs from their batch job, and the batch job with the last of them', async () => {
    const { queue } = setUp();
    await queue.add([makeJob(1), makeJob(2), makeJob(3), makeJob(1, { campaign: 'other' })], 'campaign');
    const left = async () => {
      const found: PassJob[] = [];
      for await (const page of queue.waiting('run'))
        found.push(...page.map(({ job }) => withoutDeliveryId(job)));
      return found;
    };
    await Promise.all([queue.remove(makeJob(1)), queue.remove(makeJob(3))]);
    expect(await left()).toEqual([makeJob(2)]);
    await queue.remove(makeJob(2));
    await queue.remove(makeJob(2));
    expect(await left()).toEqual([]);
    expect(await queue.depth()).toEqual({ waiting: 1, delayed: 0, active: 0 });
  });

  it('finds the job that has waited longest, even behind more urgent ones', async () => {
    const { queue } = setUp();
    expect(await queue.oldestAt()).toEqual({ waiting: undefined, inHand: undefined });
    await queue.add([makeJob(1)], 'bulkRetry');
    const added = Date.now();
    await eventually(() => expect(Date.now()).toBeGreaterThan(added + 20));
    await queue.add([makeJob(2), makeJob(3)], 'webhook');
    await queue.add([makeJob(4)], 'campaign');
    const oldest = await queue.oldestAt();
    expect(oldest.waiting).toBeLessThanOrEqual(added);
    expect(oldest.active).toBeUndefined();
  });
});

/** The pass consumer on a real queue: what each outcome does to the job. */

import { once } from 'node:events';
import { QueueKeys, UnrecoverableError, Worker } from 'bullmq';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failure } from '../../src/domain/failures/failure.ts';
import type { Outcome } from '../../src/domain/jobs/outcome.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { makeDeferred } from '../../src/kit/deferred.ts';
import { queueNames } from '../../src/queue/names.ts';
import type { HandlePassJob } from '../../src/queue/batch-job-run.ts';
import { startPassConsumer } from '../../src/queue/pass-consumer.ts';
import { openPassLimits } from '../../src/limiter/pass-limits.ts';
import { openPassQueue } from '../../src/queue/pass-queue.ts';
import { makeAssertQueueConfig } from '../../src/queue/queue-config.ts';
import { startTestLimiter } from '../support/call-limiter.ts';
import { eventually } from '../support/eventually.ts';
import { makeJob, silent } from '../support/make.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

const done: Outcome = { kind: 'done' };
const trouble = failure('PM_UNAVAILABLE', '');

async function setUp() {
  const redis = openRedis();
  const prefix = testPrefix();
  const queue = openPassQueue(redis, prefix);
  onTestFinished(() => queue.close());
  const limits = openPassLimits(redis, prefix, { maxInFlight: 10 });
  await makeAssertQueueConfig(redis, prefix)();
  const deadLettered: string[] = [];
  const start = (handle: HandlePassJob, isCause = true) => {
    const consumer = startPassConsumer({
      redis,
      prefix,
      queue,
      limiter: startTestLimiter(redis, prefix, { maxInFlight: 10 }),
      maxInFlight: 10,
      handle,
      deadLetter: async ({ id }) => {
        if (isCause) deadLettered.push(id);
        return isCause;
      },
      clock: systemClock,
      random: Math.random,
      log: silent,
    });
    onTestFinished(() => consumer.stop());
  };
  const empty = () =>
    eventually(async () => expect(await queue.depth()).toEqual({ waiting: 0, delayed: 0, active: 0 }));
  return { redis, prefix, queue, limits, start, deadLettered, empty };
}

/** Returns the outcomes in order, and records the time and attempt of each run. */
function scripted(...outcomes: Outcome[]) {
  const runs: { id: string; attempt: number; at: number }[] = [];
  const handle: HandlePassJob = async ({ id, attempts = 0 }) => {
    runs.push({ id, attempt: attempts + 1, at: performance.now() });
    return outcomes[runs.length - 1] ?? done;
  };
  return { runs, handle };
}

describe('the pass consumer', () => {
  it('removes a job from the queue after every final outcome', async () => {
    const { queue, start, empty } = await setUp();
    const { runs, handle } = scripted(
      { kind: 'reject', failure: trouble },
      { kind: 'unknown', failure: trouble },
      { kind: 'skip', reason: 'has-card' },
      { kind: 'parked' },
    );
    start(handle);
    await queue.add(
      [1, 2, 3, 4, 5].map((row) => makeJob(row)),
      'campaign',
    );
    await eventually(() => expect(runs).toHaveLength(5));
    await empty();
  });

  it('requeues a retry with one more attempt after its delay', async () => {
    const { queue, start, empty } = await setUp();
    const { runs, handle } = scripted({ kind: 'retry', failure: trouble, delayMs: 300 });
    start(handle);
    await queue.add([makeJob(1)], 'campaign');
    await eventually(() => expect(runs).toHaveLength(2));
    expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(runs[1]!.at - runs[0]!.at).toBeGreaterThan(290);
    await empty();
  });

  it('requeues a wait without using an attempt', async () => {
    const { queue, start } = await setUp();
    const { runs, handle } = scripted({
      kind: 'wait',
      reason: { why: 'customer-busy' },
      delayMs: 200,
      pausesQueue: false,
    });
    start(handle);
    await queue.add([makeJob(1)], 'campaign');
    await eventually(() => expect(runs).toHaveLength(2));
    expect(runs.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  it('closes the gate for all workers on a wait that pauses the queue, without using an attempt', async () => {
    const { queue, start } = await setUp();
    const { runs, handle } = scripted({
      kind: 'wait',
      reason: { why: 'failure', failure: failure('PM_RATE_LIMITED', '') },
      delayMs: 700,
      pausesQueue: true,
    });
    start(handle);
    await queue.add([makeJob(1)], 'campaign');
    const opensAt = await eventually(async () => {
      const now = performance.now();
      const gateMs = await queue.gateMs();
      expect(gateMs).toBeGreaterThan(0);
      return now + gateMs;
    });
    start(handle);
    await queue.add([makeJob(2), makeJob(3)], 'webhook');
    await eventually(() => expect(runs).toHaveLength(4));
    const later = runs.slice(1);
    // Redis rounds to milliseconds.
    expect(Math.min(...later.map(({ at }) => at))).toBeGreaterThan(opensAt - 2);
    expect(runs.filter(({ id }) => id === 'run-1').map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  it('never shortens an earlier closure of the gate', async () => {
    const { queue } = await setUp();
    await queue.closeGate(5000);
    await queue.closeGate(100);
    expect(await queue.gateMs()).toBeGreaterThan(4000);
  });

  it('continues a batch job after Redis was away, unless another worker has taken it', async () => {
    const { redis, prefix, queue, start } = await setUp();
    const queueKey = (name: string) => new QueueKeys(prefix).toKey(queueNames.pass, name);
    const handled: number[] = [];
    const answered = makeDeferred();
    let keptLock = '';
    const locks: (string | null)[] = [];
    start(async ({ row }, slot) => {
      handled.push(row);
      if (row === 30) locks.push(await redis.get(keptLock));
      if (await slot.waitForPermit()) await answered.promise;
      return done;
    });
    await queue.add(
      Array.from({ length: 40 }, (_, nth) => makeJob(nth + 1)),
      'campaign',
    );
    // Ten calls are in flight, and at most ten jobs are prepared.
    await eventually(() => expect(handled.length).toBeGreaterThan(10));
    const batchJobs = (await redis.lrange(queueKey('active'), 0, -1)).toReversed();
    const [, , third, fourth] = batchJobs.map((id) => `${queueKey(id)}:lock`);
    if (third === undefined || fourth === undefined)
      throw new Error('the worker has not taken four batch jobs');
    keptLock = third;
    const before = await redis.get(keptLock);
    await redis.multi().del(third).set(fourth, 'another worker').exec();
    const back = once(redis, 'ready');
    redis.disconnect(true);
    await back;
    answered.resolve();
    await eventually(() => expect(handled).toContain(30));
    await eventually(async () => expect(await redis.llen(queueKey('active'))).toBe(1));
    expect(locks[0]).toBe(before);
    expect(Math.max(...handled)).toBe(30);
    expect(await redis.get(fourth)).toBe('another worker');
  });

  it('runs webhook jobs before campaign jobs', async () => {
    const { queue, limits, start } = await setUp();
    const { runs, handle } = scripted();
    await limits.set({ maxInFlight: 1 });
    await queue.add([makeJob(1), makeJob(2)], 'campaign');
    await queue.add([makeJob(3)], 'webhook');
    start(handle);
    await eventually(() => expect(runs.map(({ id }) => id)).toEqual(['run-3', 'run-1', 'run-2']));
  });

  it('dead-letters a job whose workers die repeatedly', async () => {
    const { redis, prefix, queue, start, deadLettered, empty } = await setUp();
    await queue.add([makeJob(1)], 'campaign');
    // Workers that die with the job: they take it and never finish it.
    let taken = 0;
    const dying = new Worker(
      queueNames.pass,
      () => {
        taken += 1;
        return new Promise(() => {});
      },
      {
        connection: redis,
        prefix,
        concurrency: 9,
        lockDuration: 60,
        skipLockRenewal: true,
        stalledInterval: 60,
        maxStalledCount: 3,
      },
    );
    dying.on('error', () => {});
    await eventually(() => expect(taken).toBe(4));
    await dying.close(true);

    const { runs, handle } = scripted();
    start(handle);
    // After two runs of the stalled check.
    await eventually(() => expect(deadLettered).toEqual(['run-1']), 20_000);
    expect(runs).toEqual([]);
    await empty();
  }, 40_000);

  it('requeues a stalled-out job that did not cause it', async () => {
    const { redis, prefix, queue, start, deadLettered, empty } = await setUp();
    await queue.add([makeJob(1)], 'campaign');
    const other = new Worker(queueNames.pass, () => Promise.reject(new UnrecoverableError('stalledOut')), {
      connection: redis,
      prefix,
    });
    await eventually(async () => expect(await queue.stalledOut()).toHaveLength(1));
    await other.close();

    const { runs, handle } = scripted();
    start(handle, false);
    await eventually(() => expect(runs).toHaveLength(1));
    expect(deadLettered).toEqual([]);
    await empty();
  });

  it('dead-letters a job that stalled out while no consumer was running', async () => {
    const { redis, prefix, queue, start, deadLettered, empty } = await setUp();
    await queue.add([makeJob(1)], 'campaign');
    const other = new Worker(queueNames.pass, () => Promise.reject(new UnrecoverableError('stalledOut')), {
      connection: redis,
      prefix,
    });
    await eventually(async () => expect(await queue.stalledOut()).toHaveLength(1));
    await other.close();

    start(scripted().handle);
    await eventually(() => expect(deadLettered).toEqual(['run-1']));
    await eventually(async () => expect(await queue.stalledOut()).toEqual([]));
    await empty();
  });
});

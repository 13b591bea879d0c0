/** Outcomes in BullMQ's words, on a real queue. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { UnrecoverableError, Worker } from 'bullmq';
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
import { openPermits } from '../../src/limiter/permits.ts';
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
  await limits.hold();
  const deadLetter: string[] = [];
  const start = (handle: HandlePassJob, isToBlame = true) => {
    const consumer = startPassConsumer({
      redis,
      prefix,
      queue,
      permits: openPermits(redis, prefix, { process: randomUUID(), configured: { maxInFlight: 10 } }),
      maxInFlight: 10,
      callMs: 10_000,
      handle,
      deadLetter: async ({ id }) => {
        if (isToBlame) deadLetter.push(id);
        return isToBlame;
      },
      clock: systemClock,
      random: Math.random,
      log: silent,
    });
    onTestFinished(() => consumer.stop());
  };
  const empty = () =>
    eventually(async () => expect(await queue.depth()).toEqual({ waiting: 0, delayed: 0, active: 0 }));
  return { redis, prefix, queue, limits, start, deadLetter, empty };
}

/** Answers run by run, and takes down when each happened and as which attempt. */
function scripted(...outcomes: Outcome[]) {
  const runs: { id: string; attempt: number; at: number }[] = [];
  const handle: HandlePassJob = async ({ id, tried = 0 }) => {
    runs.push({ id, attempt: tried + 1, at: performance.now() });
    return outcomes[runs.length - 1] ?? done;
  };
  return { runs, handle };
}

describe('the pass consumer', () => {
  it('forgets a job that ended, however it ended', async () => {
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

  it('counts a retry as an attempt, and waits as long as it says', async () => {
    const { queue, start, empty } = await setUp();
    const { runs, handle } = scripted({ kind: 'retry', failure: trouble, delayMs: 300 });
    start(handle);
    await queue.add([makeJob(1)], 'campaign');
    await eventually(() => expect(runs).toHaveLength(2));
    expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(runs[1]!.at - runs[0]!.at).toBeGreaterThan(290);
    await empty();
  });

  it('counts a wait of one job as none', async () => {
    const { queue, start } = await setUp();
    const { runs, handle } = scripted({
      kind: 'wait',
      reason: { why: 'customer-busy' },
      delayMs: 200,
      everyone: false,
    });
    start(handle);
    await queue.add([makeJob(1)], 'campaign');
    await eventually(() => expect(runs).toHaveLength(2));
    expect(runs.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  it('closes the gate for every worker when everyone has to wait, and uses no attempt', async () => {
    const { queue, start } = await setUp();
    const { runs, handle } = scripted({
      kind: 'wait',
      reason: { why: 'failure', failure: failure('PM_RATE_LIMITED', '') },
      delayMs: 700,
      everyone: true,
    });
    start(handle);
    await queue.add([makeJob(1)], 'campaign');
    await eventually(async () => expect(await queue.gateMs()).toBeGreaterThan(0));
    const closedAt = performance.now();
    start(handle);
    await queue.add([makeJob(2), makeJob(3)], 'webhook');
    await eventually(() => expect(runs).toHaveLength(4));
    const later = runs.slice(1);
    expect(Math.min(...later.map(({ at }) => at)) - closedAt).toBeGreaterThan(500);
    expect(runs.filter(({ id }) => id === 'run-1').map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  it('lets no later gate shorten an earlier one', async () => {
    const { queue } = await setUp();
    await queue.closeGate(5000);
    await queue.closeGate(100);
    expect(await queue.gateMs()).toBeGreaterThan(4000);
  });

  it('goes on with an entry after Redis was away, but not where another worker took it', async () => {
    const { redis, prefix, queue, start } = await setUp();
    const handled: number[] = [];
    const answered = makeDeferred();
    let held = '';
    const locks: (string | null)[] = [];
    start(async ({ row }, slot) => {
      handled.push(row);
      if (row === 30) locks.push(await redis.get(held));
      if (await slot.start()) await answered.opened;
      return done;
    });
    await queue.add(
      Array.from({ length: 40 }, (_, nth) => makeJob(nth + 1)),
      'campaign',
    );
    // Ten calls are out, and ten jobs are ready at most.
    await eventually(() => expect(handled.length).toBeGreaterThan(10));
    const entries = (await redis.lrange(`${prefix}:pass:active`, 0, -1)).toReversed();
    const [, , third, fourth] = entries.map((id) => `${prefix}:pass:${id}:lock`);
    if (third === undefined || fourth === undefined) throw new Error('not all entries are in hand');
    held = third;
    const before = await redis.get(held);
    await redis.multi().del(third).set(fourth, 'another worker').exec();
    const back = once(redis, 'ready');
    redis.disconnect(true);
    await back;
    answered.open();
    await eventually(() => expect(handled).toContain(30));
    await eventually(async () => expect(await redis.llen(`${prefix}:pass:active`)).toBe(1));
    expect(locks[0]).toBe(before);
    expect(Math.max(...handled)).toBe(30);
    expect(await redis.get(fourth)).toBe('another worker');
  });

  it('has webhooks overtake campaigns', async () => {
    const { queue, limits, start } = await setUp();
    const { runs, handle } = scripted();
    await limits.set({ maxInFlight: 1 });
    await queue.add([makeJob(1), makeJob(2)], 'campaign');
    await queue.add([makeJob(3)], 'webhook');
    start(handle);
    await eventually(() => expect(runs.map(({ id }) => id)).toEqual(['run-3', 'run-1', 'run-2']));
  });

  it('sets a job aside that no worker survives', async () => {
    const { redis, prefix, queue, start, deadLetter, empty } = await setUp();
    await queue.add([makeJob(1)], 'campaign');
    // Workers that die with the job: they take it and never say a word about it again.
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
    // Two rounds of the stalled check.
    await eventually(() => expect(deadLetter).toEqual(['run-1']), 20_000);
    expect(runs).toEqual([]);
    await empty();
  }, 40_000);

  it('tries a fallen job once more that is not to blame', async () => {
    const { redis, prefix, queue, start, deadLetter, empty } = await setUp();
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
    expect(deadLetter).toEqual([]);
    await empty();
  });

  it('sets a job aside that fell while nobody was there to see it', async () => {
    const { redis, prefix, queue, start, deadLetter, empty } = await setUp();
    await queue.add([makeJob(1)], 'campaign');
    const other = new Worker(queueNames.pass, () => Promise.reject(new UnrecoverableError('stalledOut')), {
      connection: redis,
      prefix,
    });
    await eventually(async () => expect(await queue.stalledOut()).toHaveLength(1));
    await other.close();

    start(scripted().handle);
    await eventually(() => expect(deadLetter).toEqual(['run-1']));
    await eventually(async () => expect(await queue.stalledOut()).toEqual([]));
    await empty();
  });
});

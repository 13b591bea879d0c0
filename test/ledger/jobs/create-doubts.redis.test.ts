import { describe, expect, it } from 'vitest';
import { monotonicClock, sleep } from '../../../src/kit/clock.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { type CreateDoubtsOptions, makeCreateDoubts } from '../../../src/ledger/jobs/create-doubts.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeCreateBreaker } from '../../../src/worker/create-breaker.ts';
import { makeOrder, makeQueued } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

async function setUp(options?: CreateDoubtsOptions) {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  const campaigns = makeCampaignLedger(redis, keys);
  await campaigns.create(makeOrder());
  await campaigns.accept('run', 1000, [], 0);
  const openProcess = () => makeCreateDoubts(redis, keys, options);
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: 60_000, clock: Date.now });
  return { redis, keys, openProcess, jobs };
}

describe('a trial create', () => {
  it('is sent by one process at a time', async () => {
    const { openProcess } = await setUp();
    const [first, second] = [openProcess(), openProcess()];
    expect(await first.beginTrial({ isShared: false })).toEqual({ kind: 'granted' });
    expect(await second.beginTrial({ isShared: false })).toEqual({
      kind: 'wait',
      waitMs: 500,
      isPaused: false,
    });
    await first.endTrial('nothing');
    expect(await second.beginTrial({ isShared: true })).toEqual({ kind: 'granted' });
  });

  it('that fails pauses all processes, three times as long each time, for at most ten minutes', async () => {
    const { redis, keys, openProcess } = await setUp();
    const [first, second] = [openProcess(), openProcess()];
    const pauses: number[] = [];
    for (let nth = 0; nth < 7; nth += 1) {
      const trial = nth % 2 === 0 ? first : second;
      expect(await trial.beginTrial({ isShared: false })).toEqual({ kind: 'granted' });
      pauses.push(await trial.endTrial('maybe'));
      expect(await second.beginTrial({ isShared: true })).toMatchObject({ kind: 'wait', isPaused: true });
      await redis.hset(keys.createDoubt, 'until', 0);
    }
    expect(pauses).toEqual([5000, 15_000, 45_000, 135_000, 405_000, 600_000, 600_000]);
  });

  it('that succeeds proves to every process that creates work', async () => {
    const { openProcess } = await setUp();
    const [first, second] = [openProcess(), openProcess()];
    await first.beginTrial({ isShared: false });
    await second.beginTrial({ isShared: false });
    await first.endTrial('made');
    expect(await second.beginTrial({ isShared: true })).toEqual({ kind: 'proven' });
    expect(await second.beginTrial({ isShared: false })).toEqual({ kind: 'granted' });
  });

  it('is followed by one of another process if its own has died', async () => {
    const { redis, keys, openProcess } = await setUp();
    const [first, second] = [openProcess(), openProcess()];
    await first.beginTrial({ isShared: false });
    await redis.hset(keys.createDoubt, 'trialUntil', 1);
    expect(await second.beginTrial({ isShared: false })).toEqual({ kind: 'granted' });
    expect(await first.endTrial('made')).toBe(0);
    expect(await openProcess().beginTrial({ isShared: true })).toMatchObject({ kind: 'wait' });
  });
});

describe('a claim while creates are in doubt', () => {
  it('is granted to the trial alone', async () => {
    const { openProcess, jobs } = await setUp();
    const doubts = openProcess();
    await doubts.beginTrial({ isShared: false });
    expect(await jobs.claim(makeQueued(1))).toEqual({ answer: 'creates-paused', waitMs: 500 });
    expect(await jobs.claim(makeQueued(1), { isTrial: true })).toMatchObject({ answer: 'go' });
    await doubts.endTrial('made');
    expect(await jobs.claim(makeQueued(2))).toMatchObject({ answer: 'go' });
  });

  it('waits until the next trial', async () => {
    const { openProcess, jobs } = await setUp();
    const doubts = openProcess();
    await doubts.beginTrial({ isShared: false });
    await doubts.endTrial('maybe');
    const { answer, waitMs = 0 } = await jobs.claim(makeQueued(1));
    expect(answer).toBe('creates-paused');
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(5000);
  });

  it('is granted to updates and notifications', async () => {
    const { openProcess, jobs } = await setUp();
    await openProcess().beginTrial({ isShared: false });
    expect(await jobs.claim(makeQueued(1, { action: 'update' }))).toMatchObject({ answer: 'go' });
  });
});

/** An hour in 3.6 s: the pauses of trials are a thousandth. */
const HOUR_MS = 3600;
const SLOTS = 10;

describe('an hour in which only creates fail, with two processes', () => {
  it('makes at most ten trials, whichever process restarts, and then starts all creates again', async () => {
    const { openProcess, jobs } = await setUp({ firstPauseMs: 5, maxPauseMs: 600 });
    const sent = { trials: 0, doubtful: 0, made: 0 };
    let row = 0;
    let isBroken = true;
    /** Calls as the worker makes them, with five slots. */
    const work = async (breaker: ReturnType<typeof makeCreateBreaker>, isOver: () => boolean) => {
      while (!isOver()) {
        const admission = await breaker.admit();
        if (!admission.admitted) {
          await sleep(Math.min(admission.pauseMs, 20));
          continue;
        }
        row += 1;
        const { isTrial } = admission;
        const job = makeQueued(row % 1000);
        const { answer } = await jobs.claim({ ...job, id: `run:${row}` }, { isTrial });
        if (answer === 'creates-paused') breaker.doubt();
        if (answer !== 'go') {
          admission.end('nothing');
          continue;
        }
        await sleep(1);
        if (isTrial && isBroken) sent.trials += 1;
        sent[isBroken ? 'doubtful' : 'made'] += 1;
        admission.end(isBroken ? 'maybe' : 'made');
      }
    };
    const runFor = async (ms: number, count: () => boolean = () => false) => {
      const until = monotonicClock() + ms;
      const isOver = () => monotonicClock() > until || count();
      const breakers = Array.from({ length: 2 }, () =>
        makeCreateBreaker({ clock: monotonicClock, doubts: openProcess(), canProbe: true }),
      );
      await Promise.all(
        breakers.flatMap((breaker) => Array.from({ length: SLOTS / 2 }, () => work(breaker, isOver))),
      );
    };
    await runFor(HOUR_MS / 2);
    await runFor(HOUR_MS / 2);
    expect(sent.trials).toBeGreaterThan(2);
    expect(sent.trials).toBeLessThanOrEqual(10);
    expect(sent.doubtful).toBeLessThanOrEqual(SLOTS + 10);
    isBroken = false;
    await runFor(60_000, () => sent.made >= 100);
    expect(sent.made).toBeGreaterThanOrEqual(100);
  });
});

/** The alerts of the overview, and the cost of reading it. */

import { makeLedgerKeys } from '../../../../src/ledger/keys.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readOverview } from '../../../../src/services/monitoring/overview/overview.ts';
import { openStores, type Stores } from '../../../../src/services/stores.ts';
import { loadConfig } from '../../../../src/config/load.ts';
import { alertCodes } from '../../../../src/domain/monitoring/overview.ts';
import type { Schedule } from '../../../../src/domain/schedules/schedule.ts';
import { bucketOf, type Heartbeat, upstreams } from '../../../../src/domain/monitoring/heartbeat.ts';
import { systemClock } from '../../../../src/kit/clock.ts';
import { makeQueued, makeOrder, makeWriteBack } from '../../../support/make.ts';
import { sharedDataDir, testPrefix } from '../../../support/redis.ts';

const quiet = { recent: { calls: 0, failures: 0 }, consecutiveFailures: 0 };
const HOUR_MS = 3_600_000;

/** Returns a Redis that reports only its memory, with a limit of 100 bytes. */
function memoryOf(used: number): Redis {
  const replies = [
    [null, 0],
    [null, `used_memory:${used}\r\nmaxmemory:100\r\n`],
  ];
  const pipeline = { exists: () => pipeline, info: () => pipeline, exec: async () => replies };
  return { pipeline: () => pipeline } as unknown as Redis;
}

function makeHeartbeat(more: Partial<Heartbeat> = {}): Heartbeat {
  return {
    process: 'a',
    pid: 1,
    host: 'here',
    version: '1.0.0',
    roles: ['worker', 'feeder'],
    since: 1,
    at: Date.now(),
    upstreams: { passmachine: quiet, bloomreach: quiet },
    ...more,
  };
}

/** Opens stores without a running process. */
async function setUp() {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-now-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const env = {
    DATA_DIR: sharedDataDir(),
    QUEUE_PREFIX: testPrefix(),
    PROGRAMS_FILE: resolve('examples/programs.yaml'),
  };
  const stores = await openStores(loadConfig({ env, cwd: folder }), { env: process.env, say: () => {} });
  onTestFinished(() => stores.close());
  const file = { programs: new Map(), schedules: new Map([['nightly', {} as Schedule]]) };
  const read = (from: Stores = stores) => readOverview(from, systemClock, file);
  const codes = async () => (await read()).alerts.map(({ code }) => code);
  return {
    stores,
    read,
    codes,
    heartbeat: (more?: Partial<Heartbeat>) => stores.heartbeats.record(makeHeartbeat(more), []),
  };
}

describe('the alerts', () => {
  it('are empty without problems', async () => {
    const { codes } = await setUp();
    expect(await codes()).toEqual([]);
  });

  it('include the second cards of each campaign until their failures are discarded', async () => {
    const { stores, read, codes } = await setUp();
    await stores.campaigns.create(makeOrder());
    await stores.campaigns.accept('run', 1, [], 0);
    for (const passId of ['p-1', 'p-2']) {
      await stores.jobs.settle(makeQueued(1), { state: 'done', card: { passId, issuedAt: 1 } });
    }
    const { alerts } = await read();
    const alert = alerts.find(({ code }) => code === 'SECOND_CARDS');
    expect(alert).toMatchObject({
      about: 'run',
      text: expect.stringContaining('1 customer of campaign run'),
    });
    const [found] = await stores.failures.causes('run');
    const cause = found!.cause.id;
    const { records } = await stores.failures.page('run', cause, { size: 1 });
    expect(await stores.failures.erase('run', cause, records)).toBe(1);
    expect(await codes()).not.toContain('SECOND_CARDS');
  });

  it('include a missing worker while jobs are waiting, and a missing feeder while rows are', async () => {
    const { stores, read, codes, heartbeat } = await setUp();
    const startedAt = Date.now();
    await stores.passQueue.add([makeQueued(1), makeQueued(2, { id: 'run-2' })], 'webhook');
    await stores.campaigns.create(makeOrder());
    const { alerts, queue, workers } = await read();
    expect(alerts.map(({ code }) => code)).toEqual(['NO_WORKER', 'NO_FEEDER']);
    expect(alerts[0]?.text).toContain('2 jobs are waiting');
    expect(alerts[0]?.since).toBeGreaterThanOrEqual(startedAt);
    expect([queue.waiting, workers.length]).toEqual([2, 0]);
    await heartbeat({ roles: ['worker'] });
    expect(await codes()).toEqual(['NO_FEEDER']);
    await heartbeat();
    expect(await codes()).toEqual([]);
    await heartbeat({ quiet: true });
    const all = await read();
    expect(all.alerts.map(({ text }) => text)).toEqual([
      expect.stringContaining('Every worker is quiet, and 2 jobs'),
      expect.stringContaining('Every feeder is quiet'),
    ]);
    expect(all.workers).toMatchObject([{ version: '1.0.0', quiet: true }]);
    await stores.heartbeats.remove('a');
    expect(await codes()).toEqual(['NO_WORKER', 'NO_FEEDER']);
  });

  it('include a token that expires without renewal, and a rejected one', async () => {
    const { read, codes, heartbeat } = await setUp();
    await heartbeat({ token: { renews: true, leftMs: 60_000 } });
    expect(await codes()).toEqual([]);
    await heartbeat({ token: { renews: false, leftMs: 25 * HOUR_MS } });
    expect(await codes()).toEqual([]);
    await heartbeat({ token: { renews: false, leftMs: 3 * HOUR_MS } });
    expect((await read()).alerts).toMatchObject([
      { code: 'TOKEN_EXPIRING', text: expect.stringContaining('3 hours') },
    ]);
    await heartbeat({ token: { renews: false, leftMs: -1 } });
    expect(await codes()).toEqual(['TOKEN_REJECTED']);
    const refused = { at: 5, code: 'PM_TOKEN_REJECTED' as const, detail: 'authenticate answered 401' };
    await heartbeat({ token: { renews: true, refused } });
    expect((await read()).alerts).toMatchObject([
      { code: 'TOKEN_REJECTED', since: 5, text: expect.stringContaining('answered 401') },
    ]);
  });

  it('include a long pause by Passmachine, during which no slot is idle', async () => {
    const { stores, read } = await setUp();
    await stores.passQueue.closeGate(30_000);
    expect((await read()).alerts).toEqual([]);
    await stores.passQueue.closeGate(180_000);
    const { alerts, slots } = await read();
    expect(alerts).toMatchObject([
      { code: 'PASSMACHINE_RATE_LIMITED', text: expect.stringContaining('3 minutes') },
    ]);
    expect(slots.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'waiting'));
  });

  it('include late write-backs, by the oldest in any position of the outbox', async () => {
    const { stores, read, codes, heartbeat } = await setUp();
    const keys = makeLedgerKeys(stores.prefix);
    await heartbeat();
    const at = Date.now();
    for (let row = 1; row <= 60; row += 1) {
      const age = row === 1 ? 6 * 60_000 : 1000;
      await stores.jobs.settle(makeQueued(row), { state: 'done', writeBack: makeWriteBack(row) });
      await stores.redis.hset(keys.outbox, `run-${row}`, JSON.stringify(makeWriteBack(row, at - age)));
    }
    // Bloomreach was down, so the oldest was requeued.
    const oldest = makeWriteBack(1);
    const lease = (await stores.redis.zscore(keys.outboxDue, oldest.id)) ?? '';
    await stores.outbox.requeue([makeWriteBack(1, at - 6 * 60_000)], lease, 30_000);
    const { alerts, writeback } = await read();
    expect(alerts).toMatchObject([
      { code: 'WRITEBACK_LATE', text: expect.stringMatching(/^60 .+ 7 minutes/), since: at - 6 * 60_000 },
    ]);
    expect(writeback).toMatchObject({ waiting: 60, importBatches: 0 });
    await stores.outbox.markDelivered([oldest]);
    expect(await codes()).toEqual([]);
  });

  it('include campaigns halted by a safeguard, but not by an operator, and undecided schedules', async () => {
    const { stores, read, codes, heartbeat } = await setUp();
    await heartbeat();
    const halt = { by: 'passbridge', at: 7, reason: 'look at the first 5' };
    for (const id of ['canary', 'failures', 'operator'] as const) {
      await stores.campaigns.create(makeOrder(id));
      await stores.campaignSwitch.halt(id, id === 'canary' ? 'held' : 'paused', { ...halt, kind: id });
    }
    const seen = await stores.schedules.find('nightly');
    await stores.schedules.decide('nightly', seen, { undecided: { count: 2, first: 3, last: 4 } });
    expect((await read()).alerts).toMatchObject([
      { code: 'CAMPAIGN_HELD', about: 'failures', since: 7 },
      { code: 'CAMPAIGN_HELD', about: 'canary', text: expect.stringContaining('look at the first 5') },
      { code: 'SCHEDULE_MISSED_RUNS', about: 'nightly', since: 3 },
    ]);
    await stores.campaignSwitch.resume('canary');
    await stores.campaignSwitch.halt('failures', 'stopped', { ...halt, kind: 'operator' });
    await stores.schedules.decide('nightly', await stores.schedules.find('nightly'), {});
    expect(await codes()).toEqual([]);
  });

  it('are ordered by urgency', async () => {
    const { stores, read, heartbeat } = await setUp();
    await stores.campaigns.create(makeOrder());
    await heartbeat({
      roles: ['worker'],
      breaker: { state: 'probing' },
      token: { renews: false, leftMs: 0 },
    });
    const info = (used: number) => ({
      ...stores,
      redis: memoryOf(used),
    });
    const { alerts } = await read(info(85));
    expect(alerts.map(({ code }) => code)).toEqual([
      'REDIS_NEARLY_FULL',
      'TOKEN_REJECTED',
      'PASSMACHINE_DOWN',
      'NO_FEEDER',
    ]);
    expect(alerts.every(({ code, remedy }) => alertCodes.includes(code) && remedy.length > 20)).toBe(true);
    expect((await read(info(84))).alerts[0]?.code).toBe('TOKEN_REJECTED');
  });
});

describe('readOverview', () => {
  it('takes few commands with 50 campaigns, 1,000 jobs and an hour of calls from three processes', async () => {
    const { stores, read } = await setUp();
    for (let n = 0; n < 50; n += 1) {
      await stores.campaigns.create(makeOrder(`run-${n}`));
      const progress = Array.from({ length: 25 }, (_, at) => ({ at: Date.now() - at, ended: at, left: 9 }));
      for (const sample of progress) await stores.throughput.add(new Map([[`run-${n}`, sample]]));
    }
    await stores.passQueue.add(
      Array.from({ length: 1000 }, (_, row) => makeQueued(row + 1)),
      'campaign',
    );
    const durations = Object.fromEntries(Array.from({ length: 12 }, (_, bin) => [bin + 20, 50]));
    const bucket = { calls: 600, failures: 3, durations };
    const starts = Array.from({ length: 360 }, (_, n) => bucketOf(Date.now()) - n * 10_000);
    const counted = upstreams.flatMap((upstream) => starts.map((start) => ({ upstream, start, bucket })));
    for (const process of ['a', 'b', 'c'])
      await stores.heartbeats.record(makeHeartbeat({ process }), counted);

    const overview = await read();
    expect([overview.campaigns.length, overview.workers.length, overview.queue.waiting]).toEqual([
      50, 3, 1000,
    ]);
    expect(overview.rates.passmachine.calls.at(-1)).toBe(180);
    // The number of commands must not grow with jobs or customers.
    const sent = vi.spyOn(stores.redis, 'sendCommand');
    await read();
    expect(sent.mock.calls.length).toBeLessThan(50 * 5 + 60);
  });
});

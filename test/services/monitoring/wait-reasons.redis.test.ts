/** The reasons for waiting, read from a real Redis. */

import { expect, it } from 'vitest';
import { failure } from '../../../src/domain/failures/failure.ts';
import { openStores } from '../../../src/services/stores.ts';
import { readSituation } from '../../../src/services/monitoring/situation.ts';
import { eventually } from '../../support/eventually.ts';
import { makeCampaign, makeQueued } from '../../support/make.ts';
import { startServer } from '../../support/redis-servers.ts';
import { openTestStores } from '../../support/stores.ts';

const running = makeCampaign({ id: 'run', action: 'notify', rows: 1, pending: 1, fed: true });
const HOUR_MS = 3_600_000;

async function setUp() {
  const { stores } = await openTestStores();
  const causes = async (...campaigns: (typeof running)[]) =>
    (await readSituation(stores, campaigns)).waits.map(({ cause }) => cause);
  return { stores, causes };
}

it('are none if there is nothing to do, although no process runs', async () => {
  const { causes } = await setUp();
  expect(await causes()).toEqual([]);
  expect(await causes({ ...running, status: 'finished', pending: 0 })).toEqual([]);
  expect(await causes(running)).toEqual(['no-worker']);
});

it('name a closed gate until it is opened', async () => {
  const { stores, causes } = await setUp();
  await stores.passQueue.closeGate(HOUR_MS);
  expect(await causes(running)).toEqual(['no-worker', 'rate-limited']);
  await stores.passQueue.openGate();
  expect(await causes(running)).toEqual(['no-worker']);
});

it('name the notification limit of a card that waits for it, and a retry', async () => {
  const { stores, causes } = await setUp();
  const customer = { ids: { registered: 'c-1' }, attributes: { passmachine_pass_id: 'p-1' } };
  const limit = { max: 1, overLimit: 'hold' } as const;
  const job = makeQueued(1, { action: 'notify', customer, notificationLimit: limit });
  expect(await stores.jobs.claim(job, { stage: 'sent' })).toMatchObject({ answer: 'go' });
  await stores.jobs.settle(job, { state: 'done', notified: true });
  const next = makeQueued(2, { action: 'notify', customer, notificationLimit: limit });
  await stores.passQueue.retryLater({ ...next, attempts: 1 }, HOUR_MS, 5);
  expect(await causes(running)).toEqual(['no-worker', 'notification-limit', 'retrying']);
  expect(await causes({ ...running, id: 'other' })).toEqual(['no-worker']);
});

it('name a pause of Bloomreach while results wait for it', async () => {
  const { stores, causes } = await setUp();
  const why = failure('BR_UNAVAILABLE', 'HTTP 503');
  await stores.bloomreachPauses.pause(why, { isProbe: false, random: 0 });
  const unsaved = { ...running, status: 'finished', pending: 0, writeBacks: 1 } as const;
  expect(await causes(unsaved)).toEqual(['no-worker', 'bloomreach-down']);
  expect(await causes({ ...unsaved, writtenBack: 1 })).toEqual([]);
});

it('say that Redis is full, without writing to it', async () => {
  const { config, cwd: _cwd } = await openTestStores();
  const { address, redis } = await startServer();
  const stores = await openStores(
    { ...config, redis: { ...config.redis, address: { url: `redis://${address}` } } },
    { env: process.env, say: () => {} },
  );
  await redis.config('SET', 'maxmemory', '1');
  expect((await readSituation(stores, [running])).waits).toMatchObject([
    { cause: 'redis-refuses', text: expect.stringContaining('full') },
    { cause: 'no-worker' },
  ]);
  await stores.close();
});

it('say that Redis is away, whether its connections break or hang', async () => {
  const { config } = await openTestStores();
  const server = await startServer();
  const stores = await openStores(
    { ...config, redis: { ...config.redis, address: { url: `redis://${server.address}` } } },
    { env: process.env, say: () => {} },
  );
  server.freeze();
  expect((await readSituation(stores, [running])).waits).toMatchObject([{ cause: 'redis-away' }]);
  server.thaw();
  await eventually(async () =>
    expect((await readSituation(stores, [running])).waits).toMatchObject([{ cause: 'no-worker' }]),
  );
  await server.kill();
  await eventually(() => expect(stores.redis.status).not.toBe('ready'));
  expect((await readSituation(stores, [running])).waits).toMatchObject([{ cause: 'redis-away' }]);
  await stores.close();
});

/** Hits on their way in: what goes to the queue at once, and what is fed later. */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openIntake } from '../../../src/services/intake/intake.ts';
import { makeRequeue } from '../../../src/services/campaigns/requeue.ts';
import { openStores } from '../../../src/services/stores.ts';
import { makeWebhookFeeder } from '../../../src/campaign/webhook-feeder.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { makeWebhookRequest } from '../../../src/domain/jobs/webhook-request.ts';
import { eventually } from '../../support/eventually.ts';
import { silent } from '../../support/make.ts';
import { sharedDataDir, testPrefix } from '../../support/redis.ts';

const BURST = 2600;
const AT_ONCE = 1500;
const WINDOW = 2000;

const request = (n: number) =>
  makeWebhookRequest({
    action: 'create',
    program: 'loyalty',
    customer: { ids: { registered: `c-${n}` }, attributes: {} },
  });

async function openBurst(dataDir = sharedDataDir()) {
  const config = loadConfig({
    env: { DATA_DIR: dataDir, QUEUE_PREFIX: testPrefix() },
    cwd: process.cwd(),
  });
  const stores = await openStores(config, { env: process.env, say: () => {} });
  onTestFinished(() => stores.close());
  const doors = openIntake(stores, silent);
  const campaign = async () => {
    const [found] = await stores.campaigns.list();
    if (found === undefined) throw new Error('no hit has come yet');
    return found;
  };
  const feed = makeWebhookFeeder({
    find: stores.campaigns.find,
    firstOpenRow: stores.campaigns.firstOpenRow,
    requeue: makeRequeue(stores, 'webhook'),
  });
  return { stores, doors, campaign, feed };
}

it('a burst fills the queue up to a limit; the rest is fed in its order, as far as the window goes', async () => {
  const { stores, doors, campaign, feed } = await openBurst();
  for (let first = 0; first < BURST; first += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, n) => doors.receive({ request: request(first + n) })));
    await doors.stop();
  }
  expect(await campaign()).toMatchObject({ rows: BURST, inQueue: AT_ONCE, parked: BURST - AT_ONCE });
  expect(await stores.passQueue.depth()).toMatchObject({ waiting: AT_ONCE });
  // It was asked for by the burst, for whoever has the role.
  expect(await stores.campaignQueue.pending()).toBe(1);

  const leaving = new AbortController();
  const feeding = feed(await campaign(), leaving.signal);
  await eventually(async () => expect((await campaign()).inQueue).toBe(WINDOW));
  leaving.abort();
  await feeding;
  const { id } = await campaign();
  const left = (await stores.parked.list(id)).map(({ row }) => row);
  expect(left.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: BURST - WINDOW }, (_, n) => WINDOW + 1 + n),
  );
});

it('what comes while the campaign is halted is stored, stays parked, and is fed once it is resumed', async () => {
  const { stores, doors, campaign, feed } = await openBurst();
  await doors.receive({ request: request(1) });
  await doors.stop();
  const { id } = await campaign();
  await stores.campaignSwitch.halt(id, 'paused', { kind: 'asked', reason: '', by: 'test', at: 0 });
  expect(await doors.receive({ request: request(2) })).toMatchObject({ kind: 'new', job: { row: 2 } });
  await doors.stop();
  expect(await campaign()).toMatchObject({ inQueue: 1, parked: 1 });
  await feed(await campaign(), new AbortController().signal);
  expect(await campaign()).toMatchObject({ parked: 1 });
  await stores.campaignSwitch.resume(id);
  await feed(await campaign(), new AbortController().signal);
  expect(await campaign()).toMatchObject({ inQueue: 2, parked: 0 });
});

it('a hit that Redis was too slow for is turned away within a second, and is one hit when it comes again', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-doors-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const { stores, doors, campaign } = await openBurst(dataDir);
  await doors.receive({ request: request(1) });
  const pid = Number(/process_id:(\d+)/.exec(await stores.redis.info('server'))?.[1]);
  process.kill(pid, 'SIGSTOP');
  const startedAt = performance.now();
  await expect(doors.receive({ request: request(2) })).rejects.toThrow('too long');
  const took = performance.now() - startedAt;
  process.kill(pid, 'SIGCONT');
  expect(took).toBeLessThan(1000);
  expect(await doors.receive({ request: request(2) })).toMatchObject({ kind: 'known' });
  expect(await campaign()).toMatchObject({ rows: 2 });
});

it('a hit is turned away at once while there is no Redis', async () => {
  const { stores, doors } = await openBurst();
  stores.redis.disconnect();
  await once(stores.redis, 'end');
  await expect(doors.receive({ request: request(1) })).rejects.toThrow('does not answer');
});

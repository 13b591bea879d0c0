/** Intake of webhook requests: which are queued directly, and which are fed later. */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sleep } from '../../../src/kit/clock.ts';
import { openIntake } from '../../../src/services/intake/intake.ts';
import { makeRequeue } from '../../../src/services/campaigns/requeue.ts';
import { openStores } from '../../../src/services/stores.ts';
import { DIRECT_WINDOW, WEBHOOK_WINDOW } from '../../../src/domain/campaigns/window.ts';
import { makeWebhookFeeder } from '../../../src/campaign/webhook-feeder.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { makeWebhookRequest } from '../../../src/domain/jobs/webhook-request.ts';
import { eventually } from '../../support/eventually.ts';
import { silent } from '../../support/make.ts';
import { sharedDataDir, testPrefix } from '../../support/redis.ts';

const BURST = 2600;

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
  const intake = openIntake(stores, async () => undefined, silent);
  const campaign = async () => {
    const [found] = await stores.campaigns.list();
    if (found === undefined) throw new Error('no request has been received yet');
    return found;
  };
  const feed = makeWebhookFeeder({
    find: stores.campaigns.find,
    firstOpenRow: stores.campaigns.firstOpenRow,
    requeue: makeRequeue(stores, 'webhook'),
  });
  return { stores, intake, campaign, feed };
}

it('queues a burst up to a limit, and feeds the rest in order of arrival up to the window', async () => {
  const { stores, intake, campaign, feed } = await openBurst();
  for (let first = 0; first < BURST; first += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, n) => intake.receive({ request: request(first + n) })));
    await intake.stop();
  }
  expect(await campaign()).toMatchObject({
    rows: BURST,
    inQueue: DIRECT_WINDOW,
    parked: BURST - DIRECT_WINDOW,
  });
  expect(await stores.passQueue.depth()).toMatchObject({ waiting: DIRECT_WINDOW });
  // The burst requested it from a process with the feeder role.
  expect(await stores.campaignQueue.pending()).toBe(1);

  const stopping = new AbortController();
  const feeding = feed(await campaign(), stopping.signal);
  await eventually(async () => expect((await campaign()).inQueue).toBe(WEBHOOK_WINDOW));
  stopping.abort();
  await feeding;
  const { id } = await campaign();
  const left = (await stores.parked.list(id)).map(({ row }) => row);
  expect(left.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: BURST - WEBHOOK_WINDOW }, (_, n) => WEBHOOK_WINDOW + 1 + n),
  );
});

it('stores and parks requests of a halted campaign, and feeds them once it is resumed', async () => {
  const { stores, intake, campaign, feed } = await openBurst();
  await intake.receive({ request: request(1) });
  await intake.stop();
  const { id } = await campaign();
  await stores.campaignSwitch.halt(id, 'paused', { kind: 'operator', reason: '', by: 'test', at: 0 });
  expect(await intake.receive({ request: request(2) })).toMatchObject({ kind: 'new', job: { row: 2 } });
  await intake.stop();
  expect(await campaign()).toMatchObject({ inQueue: 1, parked: 1 });
  await feed(await campaign(), new AbortController().signal);
  expect(await campaign()).toMatchObject({ parked: 1 });
  await stores.campaignSwitch.resume(id);
  await feed(await campaign(), new AbortController().signal);
  expect(await campaign()).toMatchObject({ inQueue: 2, parked: 0 });
});

it('rejects a request within a second if Redis is too slow, and stores it once if it is sent again', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-intake-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const { stores, intake, campaign } = await openBurst(dataDir);
  await intake.receive({ request: request(1) });
  const pid = Number(/process_id:(\d+)/.exec(await stores.redis.info('server'))?.[1]);
  process.kill(pid, 'SIGSTOP');
  // Compared with a timer in the same process, because a busy machine delays both.
  const second = sleep(1000).then(() => 'a second has passed');
  const rejected = intake.receive({ request: request(2) }).catch((error: unknown) => String(error));
  expect(await Promise.race([rejected, second])).toContain('in time');
  process.kill(pid, 'SIGCONT');
  // Refused until Redis has answered the first one.
  await eventually(async () =>
    expect(await intake.receive({ request: request(2) })).toMatchObject({ kind: 'known' }),
  );
  expect(await campaign()).toMatchObject({ rows: 2 });
});

it('rejects a request immediately while Redis is not connected', async () => {
  const { stores, intake } = await openBurst();
  stores.redis.disconnect();
  await once(stores.redis, 'end');
  await expect(intake.receive({ request: request(1) })).rejects.toThrow('not connected');
});

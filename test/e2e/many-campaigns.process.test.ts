/** A store with thousands of campaigns: an old open one is not forgotten. */

import { Queue } from 'bullmq';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { queueNames } from '../../src/queue/names.ts';
import { openStores } from '../../src/services/stores.ts';
import { campaignIdIn, makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { makeOrder } from '../support/make.ts';

const NEWER = 5000;
const ROWS = 1500;

it(`continues an old campaign after a restart although ${NEWER} newer ones were started since`, async () => {
  const { start, run, write, env, folder, sandbox } = await makeWorkspace({ latencyMs: 10 });
  const stores = await openStores(loadConfig({ env, cwd: folder }), { env: process.env, say: () => {} });
  onTestFinished(() => stores.close());
  const { campaigns, campaignQueue, redis } = stores;
  await write('export.csv', goodCustomers(ROWS));

  const first = start(['up']);
  await printed(first, /is up/);
  const { stdout } = await run(['issue', 'loyalty', 'export.csv', '--detach']);
  const id = campaignIdIn(stdout);
  await eventually(async () => expect((await campaigns.find(id))?.done).toBeGreaterThan(20));
  first.child.kill('SIGTERM');
  expect((await first.ended).code).toBe(0);
  expect(await campaigns.find(id)).toMatchObject({ status: 'running', fed: false });
  // Only the ledger says now that the campaign has to be fed.
  const raw = new Queue(queueNames.campaign, { connection: redis, prefix: stores.prefix });
  await raw.obliterate({ force: true });
  await raw.close();

  const createdAt = Date.now();
  for (let n = 0; n < NEWER; n += 250) {
    const ids = Array.from({ length: 250 }, (_, index) => `newer-${n + index}`);
    await Promise.all(ids.map((newer) => campaigns.create({ ...makeOrder(newer), createdAt })));
    await Promise.all(ids.map((newer) => campaigns.markFed(newer, 0)));
  }

  start(['up']);
  await eventually(
    async () => expect(await campaigns.find(id)).toMatchObject({ status: 'finished', done: ROWS }),
    300_000,
  );
  expect(sandbox.witness.doubles()).toEqual([]);
  await eventually(async () => expect(await campaigns.openIds()).toEqual([]));
  expect(await campaignQueue.pending()).toBe(0);
}, 400_000);

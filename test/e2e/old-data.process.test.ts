/** Starting on a Redis that holds data of an older version. */

import { QueueKeys } from 'bullmq';
import { expect, it } from 'vitest';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { queueNames } from '../../src/queue/names.ts';
import { makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { openRedis } from '../support/redis.ts';

async function openWithOldData() {
  const workspace = await makeWorkspace();
  const redis = openRedis();
  const prefix = workspace.env['QUEUE_PREFIX'] ?? '';
  const oldJob = new QueueKeys(prefix).toKey(queueNames.pass, 'old-run-1');
  await redis.zadd(makeLedgerKeys(prefix).campaigns, 1, 'old-run');
  await redis.set(oldJob, 'x');
  const hasOldData = async () => (await redis.exists(oldJob)) === 1;
  return { ...workspace, hasOldData };
}

it('every command refuses old data; a campaign command deletes it with --wipe-old-data', async () => {
  const { run, write, sandbox, hasOldData } = await openWithOldData();
  await write('export.csv', goodCustomers(3));
  const refused = await run(['issue', 'loyalty', 'export.csv']);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--wipe-old-data') });
  expect([sandbox.passes.size, await hasOldData()]).toEqual([0, true]);
  expect((await run(['status'])).stderr).toContain('was written by an older passbridge');

  const wiped = await run(['issue', 'loyalty', 'export.csv', '--wipe-old-data']);
  expect([wiped.code, sandbox.passes.size, await hasOldData()]).toEqual([0, 3, false]);
  expect((await run(['status'])).stdout).not.toContain('old-run');
});

it('`up` deletes old data with --wipe-old-data', async () => {
  const { start, hasOldData } = await openWithOldData();
  const refused = start(['up']);
  expect((await refused.ended).code).toBe(2);
  await printed(start(['up', '--wipe-old-data']), /up at/);
  expect(await hasOldData()).toBe(false);
});

/** Commands on a Redis that holds data of an older version. */

import { expect, it } from 'vitest';
import { goodCustomers } from '../support/customers.ts';
import { openWithOldData } from '../support/old-data.ts';

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

/** The main job of the product in processes of the built command line, as `npm test` checks it before every commit. */

import { expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';

interface Status {
  campaigns: Record<string, unknown>[];
}

it('issues a card per customer, writes each back, and reports it', async () => {
  const { sandbox, start, write } = await makeWorkspace();
  await write('export.csv', goodCustomers(30));
  const { code, stdout } = await start(['issue', 'loyalty', 'export.csv']).ended;
  expect(stdout).toMatch(/done +30 +saved to Bloomreach: 30 of 30/);
  expect(code).toBe(0);
  expect(sandbox.passes.size).toBe(30);

  const { campaigns } = JSON.parse((await start(['status', '--json']).ended).stdout) as Status;
  expect(campaigns).toMatchObject([{ status: 'finished', rows: 30, done: 30, unknown: 0, pending: 0 }]);
});

it('retries a refused row once its cause is gone, and makes no second card for the others', async () => {
  const { sandbox, start, write } = await makeWorkspace({
    faults: [{ target: 'create', fault: 422, times: 1 }],
  });
  await write('export.csv', goodCustomers(5));
  expect((await start(['issue', 'loyalty', 'export.csv']).ended).code).toBe(1);
  const { stdout } = await start(['retry', '--reason', 'fixed the template']).ended;
  expect(stdout).toMatch(/done +5 /);
  expect(sandbox.passes.size).toBe(5);
});

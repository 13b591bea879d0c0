/** A power cut leaves zeroes at the end of the private Redis' file, in the middle of a campaign. */

import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { campaignIdIn, makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

it('is said by every command, and repaired by up --repair-store, which holds the campaign', async () => {
  const { folder, run, start, write, sandbox } = await makeWorkspace();
  const env = { DATA_DIR: join(folder, 'data') };
  await write('export.csv', goodCustomers(20));
  const id = campaignIdIn((await run(['issue', 'loyalty', 'export.csv', '--detach'], env)).stdout);
  const parts = join(folder, 'data', 'redis', 'appendonlydir');
  const file = (await readdir(parts)).find((name) => name.endsWith('.incr.aof'));
  await appendFile(join(parts, file ?? ''), Buffer.alloc(4096));

  for (const args of [['status'], ['up'], ['issue', 'loyalty', 'export.csv']]) {
    const { code, stderr } = await run(args, env);
    expect([args, code, stderr]).toEqual([args, 2, expect.stringMatching(/power cut.*up --repair-store/s)]);
  }

  const repaired = start(['up', '--repair-store'], env);
  const output = () => `${repaired.stdout()}${repaired.stderr()}`;
  await eventually(() => expect(output()).toMatch(/removed 4096 bytes at its end/));
  // Any other process that opened the store before would hold the campaign and say so.
  await printed(repaired, /is up/);
  await eventually(async () => {
    const { stdout } = await run(['status', '--json'], env);
    expect(JSON.parse(stdout)).toMatchObject({ campaigns: [{ id, status: 'held' }] });
  });
  await eventually(() =>
    expect(output()).toMatch(/damaged at its end, and repaired to its state of .*passbridge reconcile/s),
  );
  expect(sandbox.witness.entries().filter(({ kind }) => kind === 'create')).toEqual([]);
});

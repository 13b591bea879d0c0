/** Forgets customers while a campaign runs, with the real command line and processes. */

import { expect, it } from 'vitest';
import { makeCampaignLedger } from '../../src/ledger/campaigns/campaign-ledger.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { filesContaining, makeIsolatedWorkspace } from '../support/isolated-workspace.ts';
import { keysContaining } from '../support/redis-bytes.ts';

/** More rows than a campaign has in the queue at once. */
const ROWS = 1300;

/** When they are forgotten, one customer has a job in the queue, and the row of the other was not read yet. */
const waiting = { id: 'kx-600-queue', name: 'Xaverius', email: 'xaver.q@example.com', row: 600 };
const unread = { id: 'kx-1290-file', name: 'Quirinius', email: 'quirin.f@example.com', row: 1290 };
const names = [waiting, unread].flatMap(({ id, name, email }) => [id, name, email]);

function exportWithBoth(): string {
  const lines = goodCustomers(ROWS).split('\n');
  for (const { id, name, email, row } of [waiting, unread]) lines[row] = `${id},${name},N,${email},000001`;
  return lines.join('\n');
}

/** The waiting customer's first card is refused. */
const refusal = { target: 'create', fault: 422, times: 1 } as const;

async function openIsolatedWorkspace() {
  // Ten calls in flight need two minutes to reach the waiting customer, however long the commands take.
  const workspace = await makeIsolatedWorkspace({ latencyMs: 2000, faults: [refusal] });
  const env = { DATA_DIR: workspace.dataDir };
  return {
    ...workspace,
    run: (...args: string[]) => workspace.run(args, env),
    up: () => workspace.start(['up'], env),
  };
}

it('leaves no data of forgotten customers, touches no others, and counts every row', async () => {
  const { run, up, write, sandbox, redis, dataDir, prefix, env } = await openIsolatedWorkspace();
  const markDir = env['STORE_MARK_DIR'] ?? '';
  await printed(up(), /up at/);

  const { id, name, email } = waiting;
  await write('before.csv', `registered,first_name,last_name,email,id\n${id},${name},N,${email},1\n`);
  expect((await run('issue', 'loyalty', 'before.csv')).code).toBe(1);
  await write('export.csv', exportWithBoth());
  await run('issue', 'loyalty', 'export.csv', '--detach');
  const campaigns = makeCampaignLedger(redis, makeLedgerKeys(prefix));
  await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(5));
  expect(await keysContaining(redis, prefix, [waiting.email])).not.toEqual([]);
  expect(await filesContaining(markDir, [waiting.email])).not.toEqual([]);

  const [first, second] = [
    await run('forget', waiting.email, '--yes', '--json'),
    await run('forget', `registered:${unread.id}`, '--yes', '--json'),
  ];
  expect([first.code, second.code]).toEqual([0, 0]);
  sandbox.setLatency({ latencyMs: 5 });
  expect(JSON.parse(first.stdout)).toMatchObject({
    customer: `registered:${waiting.id}`,
    erased: { failed: 1, queued: 1, timeline: 1 },
    busy: 0,
    journalLines: 1,
  });

  const issued = await eventually(async () => {
    const found = (await campaigns.list()).find(({ rows }) => rows === ROWS);
    if (found?.status !== 'finished') throw new Error(JSON.stringify(found));
    return found;
  });
  expect(issued).toMatchObject({
    done: ROWS - 2,
    skipped: 2,
    rejected: 0,
    failed: 0,
    unknown: 0,
    pending: 0,
  });
  expect(sandbox.passes.size).toBe(ROWS - 2);
  expect(sandbox.witness.doubles()).toEqual([]);
  for (const one of [waiting, unread]) expect(sandbox.passes.of(one.id)).toEqual([]);

  expect(await keysContaining(redis, prefix, names)).toEqual([]);
  await eventually(async () => expect(await filesContaining(dataDir, names)).toEqual([]));
  expect(await filesContaining(markDir, names)).toEqual([]);
  const again = await run('forget', unread.id, '--yes');
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing was stored about') });
  const results = await run('results', issued.id);
  expect(results.stdout.split('\n').filter((line) => line !== '')).toHaveLength(1);
  expect((await run('audit')).stdout).toMatch(/customer\.forget/);
  expect((await run('audit', 'verify')).code).toBe(0);
});

it('needs a confirmation', async () => {
  const { run } = await makeWorkspace();
  expect(await run(['forget', 'c-1'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
});

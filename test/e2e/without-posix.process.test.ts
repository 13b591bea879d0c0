/** What docs/platforms.md promises: with REDIS_URL set, nothing on the way of a campaign calls what only POSIX has. */

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { campaignIdIn, makeWorkspace, printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { startServer } from '../support/redis-servers.ts';

const preload = pathToFileURL(resolve('test/support/without-posix.mjs')).href;

/** A workspace whose processes lack POSIX. `run` runs each command in a process of its own. */
async function openWorkspace(settings: Record<string, string> = {}) {
  const workspace = await makeWorkspace({ latencyMs: 5 });
  const { env, folder } = workspace;
  Object.assign(env, { NODE_OPTIONS: `--import=${preload}`, DATA_DIR: join(folder, 'data') }, settings);
  const run = (...args: string[]) => {
    const running = workspace.start(args);
    running.child.stdin?.end();
    return running.ended;
  };
  return { ...workspace, run };
}

it('issues cards, reports, backs up and serves its dashboard without POSIX', async () => {
  const { address } = await startServer();
  const { start, run, write, sandbox, folder } = await openWorkspace({ REDIS_URL: `redis://${address}` });
  await write('customers.csv', goodCustomers(20));
  const up = start(['up']);
  const [url] = await printed(up, /http:\/\/127\.0\.0\.1:\d+/);

  const issued = await run('issue', 'loyalty', 'customers.csv');
  expect(issued).toMatchObject({ code: 0 });
  expect(sandbox.passes.size).toBe(20);
  expect(await run('status')).toMatchObject({ code: 0 });
  expect(await run('results', campaignIdIn(issued.stdout))).toMatchObject({ code: 0 });
  expect(await run('backup', 'copy.tar')).toMatchObject({ code: 0 });
  expect((await readFile(join(folder, 'copy.tar'))).length).toBeGreaterThan(1000);
  expect(await run('doctor')).toMatchObject({ code: 0, stdout: expect.not.stringContaining('POSIX') });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(up.stderr()).not.toContain('POSIX');
}, 120_000);

it('asks for REDIS_URL instead of starting a private Redis', async () => {
  const { run } = await openWorkspace();
  const status = await run('status');
  expect(status).toMatchObject({ code: 2, stderr: expect.stringContaining('Set REDIS_URL') });
}, 60_000);

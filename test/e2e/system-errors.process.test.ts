/** Errors of the operating system are said in words with the remedy, never as a stack trace. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';

it.each([
  ['PORT', 'all'],
  ['METRICS_PORT', 'worker'],
])('names the %s that is in use', async (setting, role) => {
  const { run } = await makeWorkspace();
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { code, stderr } = await run(['up', '--role', role], { [setting]: String(port) });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/127\.0\.0\.1:\d+ is in use.*METRICS_PORT/)]);
  expect(stderr).not.toMatch(/^ {4}at /m);
});

it('names the folder that cannot be made', async () => {
  const { run, folder, write } = await makeWorkspace();
  await write('file', '');
  const { code, stderr } = await run(['status'], { DATA_DIR: join(folder, 'file') });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/DATA_DIR cannot hold the private Redis/)]);
});

it.each([24, 40, 80])('says that %i open files are too few', async (limit) => {
  const { folder, env } = await makeWorkspace();
  const shell = `ulimit -n ${limit}; exec "${process.execPath}" "${resolve('dist/main.js')}" status`;
  // The limit applies from the first module on.
  const { code, stderr } = await new Promise<{ code: number; stderr: string }>((settle) => {
    execFile('/bin/sh', ['-c', shell], { cwd: folder, env }, (error, _stdout, text) =>
      settle({ code: Number(error?.code ?? 0), stderr: text }),
    );
  });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/may not open more files.*ulimit -n 1024/)]);
});

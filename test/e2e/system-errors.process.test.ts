/** Errors of the operating system are said in words with the remedy, never as a stack trace. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { startServer } from '../support/redis-servers.ts';

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

it('status needs no folder that it can write to if Redis is elsewhere', async () => {
  const redis = await startServer();
  const { run, folder, write } = await makeWorkspace();
  await write('file', '');
  const env = {
    REDIS_URL: `redis://${redis.address}`,
    DATA_DIR: join(folder, 'file', 'data'),
    STORE_MARK_DIR: join(folder, 'file', 'marks'),
  };
  expect(await run(['status'], env)).toEqual({
    code: 0,
    stdout: expect.stringContaining('No campaigns yet'),
    stderr: '',
  });
  // Nor does it leave one behind.
  expect(await run(['status'], { ...env, DATA_DIR: join(folder, 'data') })).toMatchObject({ code: 0 });
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

it('says that .env cannot be read', async () => {
  const { run, folder } = await makeWorkspace();
  await mkdir(join(folder, '.env'));
  const { code, stderr } = await run(['status']);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/\.env cannot be read: .*\.env is a folder/)]);
  expect(stderr).not.toMatch(/^ {4}at /m);
});

it('says that a backup cannot be written, and where', async () => {
  const { run } = await makeWorkspace();
  const { code, stderr } = await run(['backup', '/proc/passbridge.tar']);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/\/proc\/passbridge\.tar.*\./)]);
  expect(stderr).not.toMatch(/^ {4}at /m);
});

/** The real PM2, with its own home and daemon for each test. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const bin = createRequire(import.meta.url).resolve('pm2/bin/pm2');
const execute = promisify(execFile);

/** A process in the output of `pm2 jlist`. */
interface Listed {
  name: string;
  pid: number;
  pm_id: number;
  pm2_env: { status: string; restart_time: number; exec_mode: string; kill_timeout: number };
}

/** Starts a PM2 that works in a folder. It stops when the test ends. `env`: for a shell that runs `bin` as `pm2`. */
export async function startPm2(cwd: string) {
  const home = await mkdtemp(join(tmpdir(), 'passbridge-pm2-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  // As in an operator's shell: settings come from the folder's .env.
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    PM2_HOME: home,
    PM2_DISABLE_VERSION_CHECK: 'true',
  };
  const pm2 = async (...args: string[]) =>
    (await execute(process.execPath, [bin, ...args], { cwd, env })).stdout;
  onTestFinished(async () => void (await pm2('kill')));
  const list = async () => {
    const printed = await pm2('jlist');
    return JSON.parse(printed.slice(printed.indexOf('[{'))) as Listed[];
  };
  return { pm2, list, env, bin };
}

/**
 * passbridge as it is run: processes of `up --role worker`, one of `up --role feeder`, and a campaign
 * that the feeder feeds through its window while they work.
 */

import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { endedEarly, endedWell, startNode } from '../child.mjs';
import { csvOf } from '../customers.mjs';

const main = resolve('dist/main.js');
const START_MS = 30_000;

/** The environment of every passbridge of the bench; all else is passbridge's defaults. */
export function settingsFor({ folder, url }) {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    DATA_DIR: folder,
    PROGRAMS_FILE: resolve('examples/programs.yaml'),
    PASSMACHINE_URL: url,
    PASSMACHINE_ACCOUNT_ID: 'bench',
    PASSMACHINE_PUBLIC_TOKEN: 'bench',
    PASSMACHINE_SECRET_TOKEN: 'bench',
    BLOOMREACH_URL: url,
    BLOOMREACH_PROJECT_TOKEN: 'bench',
    BLOOMREACH_API_KEY_ID: 'bench',
    BLOOMREACH_API_SECRET: 'bench',
  };
}

/** Starts a process of `passbridge up` and waits until it says that it is up. */
export async function startUp(role, name, { folder, env, children }) {
  const log = join(folder, `${name}.log`);
  const child = startNode([main, 'up', '--role', role], { log, env });
  children.push(child);
  await Promise.race([isUp(log), endedEarly(child)]);
  return child;
}

/** Writes an export of so many rows. */
export async function writeExport(rows, folder) {
  const file = join(folder, 'customers.csv');
  await pipeline(csvOf(rows), createWriteStream(file));
  return file;
}

/** Starts a process of `passbridge issue` for an export. */
export function startIssue(file, { folder, env }, flags = []) {
  return startNode([main, 'issue', 'loyalty', file, '--yes', ...flags], {
    log: join(folder, 'issue.log'),
    env,
  });
}

/** With so many worker processes. */
export function startPassbridge(processes) {
  return async ({ folder, url, jobs, children }) => {
    const at = { folder, children, env: settingsFor({ folder, url }) };
    const work = (name) => startUp('worker', `worker-${name}`, at);
    const [feeder, ...workers] = await Promise.all([
      startUp('feeder', 'feeder', at),
      ...Array.from({ length: processes }, (_, n) => work(n)),
    ]);
    await endedWell(startIssue(await writeExport(jobs, folder), at, ['--detach']));
    return { workers, helpers: [feeder], another: () => work('another') };
  };
}

async function isUp(log) {
  const deadline = performance.now() + START_MS;
  while (!(await readFile(log, 'utf8')).includes('passbridge is up')) {
    if (performance.now() > deadline) throw new Error(`not up within ${START_MS / 1000} s: ${log}`);
    await sleep(50);
  }
}

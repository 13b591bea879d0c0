/**
 * Runs passbridge as in production: processes of `up --role worker`, one of `up --role feeder`, and a campaign that the
 * feeder feeds through its window while the workers call.
 */

import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { baseEnv, rejectOnExit, startNode, waitForSuccess } from '../child.mjs';
import { csvOf } from '../customers.mjs';

const main = resolve('dist/main.js');
const START_MS = 30_000;

/** Returns the environment of every passbridge process of the benchmarks; all other settings have their defaults. */
export function settingsFor({ folder, url }) {
  return {
    ...baseEnv,
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

/** Starts `passbridge up` and waits until it reports that it is up. */
export async function startUp(role, name, { folder, env, children }) {
  const log = join(folder, `${name}.log`);
  const child = startNode([main, 'up', '--role', role], { log, env });
  children.push(child);
  await Promise.race([isUp(log), rejectOnExit(child)]);
  return child;
}

/** Writes an export of `rows` rows and returns its path. */
export async function writeExport(rows, folder) {
  const file = join(folder, 'customers.csv');
  await pipeline(csvOf(rows), createWriteStream(file));
  return file;
}

/**
 * Starts `passbridge issue` for an export.
 * @param {string} file
 * @param {{ folder: string, env: NodeJS.ProcessEnv }} context
 * @param {string[]} [flags]
 */
export function startIssue(file, { folder, env }, flags = []) {
  return startNode([main, 'issue', 'loyalty', file, '--yes', ...flags], {
    log: join(folder, 'issue.log'),
    env,
  });
}

/** Returns a function that starts passbridge with `workerCount` worker processes. */
export function startPassbridge(workerCount) {
  return async ({ folder, url, jobs, children }) => {
    const context = { folder, children, env: settingsFor({ folder, url }) };
    const work = (name) => startUp('worker', `worker-${name}`, context);
    const [feeder, ...workers] = await Promise.all([
      startUp('feeder', 'feeder', context),
      ...Array.from({ length: workerCount }, (_, n) => work(n)),
    ]);
    await waitForSuccess(startIssue(await writeExport(jobs, folder), context, ['--detach']));
    return { workers, helpers: [feeder], startReplacement: () => work('replacement') };
  };
}

async function isUp(log) {
  const deadline = performance.now() + START_MS;
  while (!(await readFile(log, 'utf8')).includes('passbridge is up')) {
    if (performance.now() > deadline) throw new Error(`not up within ${START_MS / 1000} s: ${log}`);
    await sleep(50);
  }
}

/** What figures depend on: the machine, how busy it is with other things, and the versions of all that runs. */

import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';

const OURS = ['bullmq', 'ioredis', 'undici'];

/** As lines for a person: {name: text}. */
export function describeMachine() {
  const [{ model }] = cpus();
  return {
    Processor: `${cpus().length} × ${model.trim()}`,
    Memory: `${Math.round(totalmem() / 1024 ** 3)} GB`,
    System: `${type()} ${release()} ${arch()}`,
    Node: process.version,
    Packages: [...versionsIn('../../package.json', OURS), ...versionsIn('package.json')].join(', '),
  };
}

/** Processes that wanted to run in the last minute; with nothing else to do it is near 0 before a bench. */
export function load() {
  return loadavg()[0];
}

function versionsIn(path, names) {
  const { dependencies } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
  return (names ?? Object.keys(dependencies)).map((name) => `${name} ${dependencies[name]}`);
}

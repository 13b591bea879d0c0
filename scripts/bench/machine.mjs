/** Describes what the figures depend on: the machine, its load, and the versions of all software involved. */

import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';

const MEASURED_DEPENDENCIES = ['bullmq', 'ioredis', 'undici'];

/** Returns facts for the report as {name: text}. */
export function describeMachine() {
  const [cpu] = cpus();
  return {
    Processor: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
    Memory: `${Math.round(totalmem() / 1024 ** 3)} GB`,
    System: `${type()} ${release()} ${arch()}`,
    Node: process.version,
    Packages: [
      ...versionsIn('../../package.json', MEASURED_DEPENDENCIES),
      ...versionsIn('package.json'),
    ].join(', '),
  };
}

/** Returns the load average of the last minute, which should be near 0 before a benchmark. */
export function load() {
  return loadavg()[0] ?? 0;
}

/**
 * @param {string} path
 * @param {string[]} [names] By default all dependencies.
 */
function versionsIn(path, names) {
  const { dependencies } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
  return (names ?? Object.keys(dependencies)).map((name) => `${name} ${dependencies[name]}`);
}

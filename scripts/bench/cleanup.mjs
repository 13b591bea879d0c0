/** Cleanup that runs when the benchmark ends for any reason, including Ctrl-C in the middle of a run. */

import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @type {Set<() => void>} */
const cleanups = new Set();

process.once('exit', () => {
  for (const cleanup of [...cleanups].toReversed()) attempt(cleanup);
});
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

/**
 * Registers a synchronous cleanup; the last registered runs first. Returns a function that cancels it.
 * @param {() => void} cleanup
 */
export function atExit(cleanup) {
  cleanups.add(cleanup);
  return () => void cleanups.delete(cleanup);
}

/** Runs a cleanup. One that fails, e.g. because its process is gone, must not prevent the others. */
function attempt(cleanup) {
  try {
    cleanup();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}

/** Creates a folder that is removed by `remove`, or at the exit of the benchmark. */
export async function makeTemporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'passbridge-bench-'));
  const options = { recursive: true, force: true };
  const cancel = atExit(() => rmSync(path, options));
  return {
    path,
    async remove() {
      await rm(path, options);
      cancel();
    },
  };
}

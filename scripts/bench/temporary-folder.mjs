/** A folder that is gone when whoever uses it is done, or when the bench ends before. */

import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './at-exit.mjs';

/** Resolves with {path, remove}. */
export async function makeTemporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'passbridge-bench-'));
  const options = { recursive: true, force: true };
  const release = atExit(() => rmSync(path, options));
  return {
    path,
    async remove() {
      await rm(path, options);
      release();
    },
  };
}

/** Files that are there only once they are whole, and that replace none unless they are meant to. */

import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ConfigError } from '../../config/config-error.ts';

export interface NewFile {
  path: string;
  text: string;
  /** Rights, e.g. 0o600. */
  mode: number;
}

/** Throws a {@link ConfigError} that names each of the files that is there already. */
export function refuseExisting(paths: readonly string[]): void {
  const there = paths.filter((path) => existsSync(path)).map((path) => basename(path));
  if (there.length === 0) return;
  throw new ConfigError(
    'The folder',
    there.map((name) => `${name} is there already; --force replaces it`),
  );
}

/** Writes them one after the other; `replace`: over those that are there. */
export async function writeFiles(
  files: readonly NewFile[],
  { replace }: { replace: boolean },
): Promise<void> {
  for (const { path, text, mode } of files) {
    // Fails where somebody has made it since it was looked for.
    const target = replace ? `${path}.part` : path;
    // One that was left by a crash would keep its own rights.
    if (replace) await rm(target, { force: true });
    await writeFile(target, text, { mode, flag: 'wx' });
    if (replace) await rename(target, path);
  }
}

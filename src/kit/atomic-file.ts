/** Writes small text files so that a reader sees either the old content or the new one, never a part. */

import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Replaces a file, or creates it. `mode`: its permissions, e.g. `0o600`. Rejects as the file system
 * does, and then leaves the old file as it was.
 */
export async function writeFileAtomically(
  path: string,
  text: string,
  { mode = 0o666 }: { mode?: number } = {},
): Promise<void> {
  const part = `${path}.part`;
  // A leftover of a crash would keep its own permissions.
  await rm(part, { force: true });
  try {
    await writeFile(part, text, { mode, flag: 'wx' });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** The wrong clock of a simulated host: processes that run on it see another time than Redis and the other hosts. */

import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

export interface HostClock {
  /** The environment of a process on this host. */
  readonly env: Readonly<Record<string, string>>;
  /** Sets the clock, which a running process sees at once. `seconds`: by how much it is ahead; negative for behind. */
  set(seconds: number): Promise<void>;
}

/** Debian's package `libfaketime` shifts the clock below Node. Without it, a preloaded module shifts `Date`. */
const FAKETIME = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu']
  .map((folder) => `${folder}/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path));

/** `file` holds how far the clock is ahead. */
export async function openHostClock(file: string, seconds: number): Promise<HostClock> {
  const set = async (ahead: number) => {
    await writeFile(`${file}.new`, `${ahead < 0 ? '-' : '+'}${Math.abs(ahead)}\n`);
    await rename(`${file}.new`, file);
  };
  await set(seconds);
  const env: Record<string, string> =
    FAKETIME === undefined
      ? { HOST_CLOCK_FILE: file, NODE_OPTIONS: `--import=${resolve('test/chaos/shift-date.mjs')}` }
      : {
          LD_PRELOAD: FAKETIME,
          FAKETIME_TIMESTAMP_FILE: file,
          FAKETIME_NO_CACHE: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
          DONT_FAKE_MONOTONIC: '1',
        };
  return { env, set };
}

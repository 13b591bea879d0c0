/** A file lock: only one process at a time starts, adopts or stops the server of a location. */

import { setTimeout as delay } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { problemOf } from '../runtime/system-error.ts';
import { PrivateRedisError, type RedisLocation } from './location.ts';

/** A lock not refreshed for this long belonged to a process that was killed. */
const STALE_MS = 5_000;
/** Long, because the owner of the lock may be downloading the server or loading millions of cards. */
const WAIT_MS = 600_000;
const RETRY_MS = 50;

/** Runs `work` under the lock; waits up to ten minutes for other processes. */
export async function withLock<T>(location: RedisLocation, work: () => Promise<T>): Promise<T> {
  const release = await acquire(location);
  try {
    return await work();
  } finally {
    // The lock is already lost if this process was suspended for longer than STALE_MS. If two servers were
    // started that way, their pids tell them apart when one of them answers.
    await release().catch(() => {});
  }
}

async function acquire(location: RedisLocation): Promise<() => Promise<void>> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    try {
      return await lock(location.folder, {
        lockfilePath: location.lockFile,
        realpath: false,
        stale: STALE_MS,
        update: 1_000,
        onCompromised: () => {},
      });
    } catch (error) {
      // The library's own retries would also wait for a folder to become writable.
      const isLocked = error instanceof Error && 'code' in error && error.code === 'ELOCKED';
      if (!isLocked || performance.now() > deadline) throw lockError(location, error);
    }
    await delay(RETRY_MS);
  }
}

function lockError({ lockFile }: RedisLocation, error: unknown): PrivateRedisError {
  return new PrivateRedisError(
    `Could not lock ${lockFile}: ${problemOf(error)}. Check that the folder is writable and that no other passbridge hangs.`,
    { cause: error },
  );
}

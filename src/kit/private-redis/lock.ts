/** One process at a time starts, adopts or stops the server of a place. */

import { setTimeout as delay } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import type { Place } from './location.ts';
import { PrivateRedisError } from './private-redis-error.ts';

/** A lock not refreshed for so long belonged to a process that was killed. */
const STALE_MS = 5_000;
/** Its holder may be fetching the server, or waiting while it loads millions of cards. */
const WAIT_MS = 600_000;
const RETRY_MS = 50;

/** Runs `act` under the lock; waits for other processes, at most ten minutes. */
export async function withLock<T>(place: Place, act: () => Promise<T>): Promise<T> {
  const release = await acquire(place);
  try {
    return await act();
  } finally {
    // Already lost when this process was suspended for longer than STALE_MS. Two servers started that
    // way are told apart by their pids when they answer.
    await release().catch(() => {});
  }
}

async function acquire(place: Place): Promise<() => Promise<void>> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    try {
      return await lock(place.folder, {
        lockfilePath: place.lockFile,
        realpath: false,
        stale: STALE_MS,
        update: 1_000,
        onCompromised: () => {},
      });
    } catch (error) {
      // Its own retries would also wait for a folder to become writable.
      const held = error instanceof Error && 'code' in error && error.code === 'ELOCKED';
      if (!held || performance.now() > deadline) throw explain(place, error);
    }
    await delay(RETRY_MS);
  }
}

function explain(place: Place, error: unknown): PrivateRedisError {
  const why = error instanceof Error ? error.message : String(error);
  return new PrivateRedisError(
    `Could not lock ${place.lockFile} (${why}). Is the folder writable, or is another passbridge stuck there?`,
    { cause: error },
  );
}

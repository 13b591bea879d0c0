/** Finds running processes whose settings are no longer those of their `.env`. */

import type { Heartbeat } from '../../domain/monitoring/heartbeat.ts';

export interface OutdatedProcess extends Pick<Heartbeat, 'pid' | 'host'> {
  /** Settings that the file has changed. */
  names: readonly string[];
  /** When the change was noticed, ms since 1970. */
  since: number;
}

/** An operator who has just changed the file is about to restart. */
const GRACE_MS = 60_000;

/** Returns the processes that have run with older settings for a minute. `at`: ms since 1970. */
export function outdatedProcesses(alive: readonly Heartbeat[], at: number): OutdatedProcess[] {
  return alive.flatMap(({ pid, host, settings }) => {
    const changed = settings?.changed;
    return changed === undefined || at - changed.since < GRACE_MS ? [] : [{ pid, host, ...changed }];
  });
}

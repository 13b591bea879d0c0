/**
 * Wall clocks of time zones, right on the nights on which they are changed. A wall time is given in
 * milliseconds as if it were UTC: `Date.UTC(2027, 2, 28, 2, 30)` is half past two, wherever.
 */

import { IANAZone } from 'luxon';

const DAY_MS = 24 * 60 * 60_000;

export interface WallClock {
  /** What the clock shows at an instant. */
  at(instant: number): number;
  /**
   * The instants at which it shows a wall time, in order: two where the clock is put back over it,
   * none where it is put forward over it.
   */
  instants(wall: number): number[];
  /** A wall time that never is, as the clock would have shown it had it not been put forward. */
  asIfUnchanged(wall: number): number;
}

/** Takes the IANA name of a time zone. */
export function makeWallClock(timeZone: string): WallClock {
  const zone = IANAZone.create(timeZone);
  const offset = (instant: number) => zone.offset(instant) * 60_000;
  return {
    at: (instant) => instant + offset(instant),
    instants(wall) {
      const candidates = new Set([wall - offset(wall - DAY_MS), wall - offset(wall + DAY_MS)]);
      return [...candidates]
        .filter((instant) => instant + offset(instant) === wall)
        .toSorted((a, b) => a - b);
    },
    asIfUnchanged: (wall) => wall - offset(wall - DAY_MS),
  };
}

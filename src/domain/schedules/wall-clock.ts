/**
 * Wall clocks of time zones, correct on days of a clock change. A wall time is given in milliseconds as if it
 * were UTC: `Date.UTC(2027, 2, 28, 2, 30)` is 02:30 in any zone.
 */

import { IANAZone } from 'luxon';

const DAY_MS = 24 * 60 * 60_000;

export interface WallClock {
  /** Returns the wall time at an instant. */
  at(instant: number): number;
  /**
   * Returns the instants with a wall time, in order: two if the clock is set back over it, none if it is set
   * forward over it.
   */
  instants(wall: number): number[];
  /** Returns the instant of a skipped wall time as if the clock had not been set forward. */
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

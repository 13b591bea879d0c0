/** When a campaign will be over. Pure arithmetic over what was seen of it; halts and times are the caller's. */

import type { Campaign } from './campaign.ts';

/** How far a campaign was at a time (ms). Rows that end at the door take no time and are left out. */
export interface Progress {
  at: number;
  /** Jobs that have ended. */
  ended: number;
  /** Jobs that are still to be done, as far as the rows read so far let one expect. */
  left: number;
}

export interface TimeLeft {
  /** Milliseconds. The same once enough is done to tell. */
  least: number;
  most: number;
}

export function progressOf({ people, inQueue, parked, read, rows }: Campaign, now: number): Progress {
  const share = read === 0 ? 1 : people / read;
  return {
    at: now,
    ended: Math.max(people - inQueue - parked, 0),
    left: inQueue + parked + (rows - read) * share,
  };
}

/** From this share done on one figure is told; before, a band. */
const TELLING = 0.05;

/**
 * By the pace from the first progress to the last. Undefined while nothing has ended in between.
 * Give only what belongs to one stretch without a halt, and no more than the last few minutes.
 */
export function timeLeft(seen: readonly Progress[]): TimeLeft | undefined {
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined || last.ended <= first.ended) return undefined;
  const left = (last.left * (last.at - first.at)) / (last.ended - first.ended);
  const share = last.ended / (last.ended + last.left);
  // A factor of two at the start, none any more when 5 % are done.
  const spread = 1 + Math.max(0, TELLING - share) / TELLING;
  return { least: left / spread, most: left * spread };
}

/** What a call to Passmachine takes, as far as anybody has told: 100 to 300 ms. */
const CALL_MS = { least: 100, most: 300 };

/** How long so many calls will take, before any was made. */
export function expectedTime(
  calls: number,
  { maxInFlight, maxPerSecond }: { maxInFlight: number; maxPerSecond?: number | undefined },
): TimeLeft {
  const atLeast = maxPerSecond === undefined ? 0 : (calls * 1000) / maxPerSecond;
  return {
    least: Math.max((calls * CALL_MS.least) / maxInFlight, atLeast),
    most: Math.max((calls * CALL_MS.most) / maxInFlight, atLeast),
  };
}

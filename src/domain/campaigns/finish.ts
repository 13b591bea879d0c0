/** Estimates when a campaign will end. Pure arithmetic over observed progress; times are arguments. */

import { SENDING_MS } from '../monitoring/health.ts';
import type { Campaign } from './campaign.ts';
import type { Limits } from './limits.ts';
import { type SendingRate, sendingMs } from './safeguards/sending-rate.ts';

/** Progress of a campaign at a time (ms). Filtered rows take no time and are left out. */
export interface Progress {
  at: number;
  /** Jobs that have ended. */
  ended: number;
  /** Jobs still to be done, extrapolated from the rows read so far. */
  left: number;
}

/** Milliseconds; `min` equals `max` once the estimate is reliable. */
export interface TimeLeft {
  min: number;
  max: number;
}

export function progressOf({ jobs, inQueue, parked, read, rows }: Campaign, now: number): Progress {
  const jobsPerRow = read === 0 ? 1 : jobs / read;
  return {
    at: now,
    ended: Math.max(jobs - inQueue - parked, 0),
    left: inQueue + parked + (rows - read) * jobsPerRow,
  };
}

/** Returns whether no job has ended within {@link SENDING_MS} of the last sample. */
export function hasStopped(samples: readonly Progress[]): boolean {
  const last = samples.at(-1);
  if (last === undefined) return false;
  const before = samples.findLast(({ at }) => at <= last.at - SENDING_MS);
  return before !== undefined && last.ended <= before.ended;
}

/** From this share of ended jobs on, the estimate is one figure; before, a range. */
const RELIABLE_SHARE = 0.05;

/**
 * Estimates from the throughput between the first and the last sample; undefined if no job has ended in between, or
 * none lately: nothing is known of the end of what has stopped. All samples must be of one stretch without a halt, and
 * of the last few minutes.
 */
export function timeLeft(samples: readonly Progress[]): TimeLeft | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.ended <= first.ended) return undefined;
  if (hasStopped(samples)) return undefined;
  const left = (last.left * (last.at - first.at)) / (last.ended - first.ended);
  const share = last.ended / (last.ended + last.left);
  // A factor of two at the start, which shrinks to one at the reliable share.
  const spread = 1 + Math.max(0, RELIABLE_SHARE - share) / RELIABLE_SHARE;
  return { min: left / spread, max: left * spread };
}

/** Usual duration of a call to Passmachine: 100 to 300 ms. */
const CALL_MS: TimeLeft = { min: 100, max: 300 };

interface ExpectedTimeOptions extends Limits {
  /** That of the campaign. */
  sendingRate?: SendingRate | undefined;
  /** Measured mean duration of a call, ms; by default the usual range. */
  callMs?: TimeLeft | undefined;
}

/** Estimates the duration of that many calls before the first one. */
export function expectedTime(
  calls: number,
  { maxInFlight, maxPerSecond, sendingRate, callMs = CALL_MS }: ExpectedTimeOptions,
): TimeLeft {
  const atLeast = Math.max(
    maxPerSecond === undefined ? 0 : (calls * 1000) / maxPerSecond,
    sendingRate === undefined ? 0 : sendingMs(sendingRate, calls),
  );
  return {
    min: Math.max((calls * callMs.min) / maxInFlight, atLeast),
    max: Math.max((calls * callMs.max) / maxInFlight, atLeast),
  };
}

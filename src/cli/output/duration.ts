/** Spans of time in words. */

import type { TimeLeft } from '../../domain/campaigns/finish.ts';

/** `40 s`, `12 min`, `3.5 h`; or from one to another where they read differently. */
export function describeTime({ least, most }: TimeLeft): string {
  const [from, to] = [describe(least), describe(most)];
  return from === to ? from : `${from} to ${to}`;
}

function describe(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

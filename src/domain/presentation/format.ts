/** Formats numbers, shares and durations as the dashboard and the command line show them. */

import type { TimeLeft } from '../campaigns/finish.ts';

/** Returns `1,204`. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en-US');
}

/** Returns a share from 0 to 1 as `2.3 %` or `12 %`, with a space that does not break the line. */
export function formatPercent(share: number): string {
  return `${(share * 100).toLocaleString('en-US', { maximumFractionDigits: share < 0.1 ? 1 : 0 })}\u00a0%`;
}

/** Returns milliseconds as `40 s`, `12 min`, `3.5 h` or `4 days`. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = ms / 3_600_000;
  return hours < 72 ? `${hours.toFixed(1).replace('.0', '')} h` : `${Math.round(hours / 24)} days`;
}

/** Returns one duration, or a range if both ends read differently. */
export function formatTimeLeft({ min, max }: TimeLeft): string {
  const [from, to] = [formatDuration(min), formatDuration(max)];
  return from === to ? from : `${from} to ${to}`;
}

/** Returns `1 row` or `1,204 rows`. */
export function formatCount(value: number, one: string, many = `${one}s`): string {
  return `${formatNumber(value)} ${value === 1 ? one : many}`;
}

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

const DAY_MS = 86_400_000;

/** Returns `15:02`, with the day if it is more than a day after `now`. `zone`: IANA name. */
export function formatTimeOfDay(at: number, now: number, zone: string): string {
  const isFar = at - now > DAY_MS;
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    ...(isFar && { weekday: 'short', day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}

/** Returns when work that begins at `from` will be done: `about 15:02`, or `between 15:02 and 15:20`. */
export function formatFinish({ min, max }: TimeLeft, from: number, now: number, zone: string): string {
  const [first, last] = [from + min, from + max].map((at) => formatTimeOfDay(at, now, zone));
  return first === last ? `about ${first}` : `between ${first} and ${last}`;
}

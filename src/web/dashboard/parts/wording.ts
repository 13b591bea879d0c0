/** Numbers, times and spans as the pages write them. */

import type { TimeLeft } from '../../../domain/campaigns/finish.ts';

/** `1,204`. */
export function number(value: number): string {
  return value.toLocaleString('en-GB');
}

/** A share from 0 to 1 as `12.3 %`, which no line ends in; whole percents from ten on. */
export function percent(share: number): string {
  return `${(share * 100).toLocaleString('en-GB', { maximumFractionDigits: share < 0.1 ? 1 : 0 })}\u00a0%`;
}

/** `40 s`, `12 min`, `3.5 h`, `4 days`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = ms / 3_600_000;
  return hours < 72 ? `${hours.toFixed(1)} h` : `${Math.round(hours / 24)} days`;
}

/** One figure, or from one to another where they read differently. */
export function timeLeftWords({ least, most }: TimeLeft): string {
  const [from, to] = [span(least), span(most)];
  return from === to ? from : `${from} to ${to}`;
}

/** `1 row`, `3 rows`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

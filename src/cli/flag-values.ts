/** What is written after a flag, as a value; what cannot be one is refused with an example. */

import { InvalidArgumentError } from 'commander';
import { DateTime } from 'luxon';
import { isZone } from '../domain/campaigns/safeguards/quiet-hours.ts';

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('not a whole number');
  return Number(text);
}

export function signedNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new InvalidArgumentError('not a whole number, with or without a sign');
  return Number(text);
}

/** An entry of the audit by its hash. */
export function entryHash(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('not a hash of 64 hex digits');
  return text;
}

export function atLeastOne(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('at least 1');
  return value;
}

/** Milliseconds since 1970; without an offset it is the time of this machine. */
export function instant(text: string): number {
  const time = DateTime.fromISO(text);
  if (!time.isValid) throw new InvalidArgumentError('not a time such as 2026-12-24T18:00+01:00');
  return time.toMillis();
}

/** A share between 0 and 1, written as percent with or without its sign. */
export function percent(text: string): number {
  const value = Number(text.replace(/%$/, ''));
  if (!/^\d+(\.\d+)?%?$/.test(text) || value > 100)
    throw new InvalidArgumentError('not a percentage such as 5%');
  return value / 100;
}

/** Minutes after midnight. */
export function hours(text: string): { from: number; to: number } {
  const [, ...parts] = /^([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  const [fromHour = NaN, fromMinute = NaN, toHour = NaN, toMinute = NaN] = parts.map(Number);
  const span = { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute };
  if (parts.length === 0 || span.from === span.to) {
    throw new InvalidArgumentError('not two times of day such as 21:00-08:00');
  }
  return span;
}

export function timeZone(text: string): string {
  if (!isZone(text)) throw new InvalidArgumentError('not a time zone such as Europe/Prague');
  return text;
}

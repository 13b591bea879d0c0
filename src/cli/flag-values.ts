/** Parses values of flags; an invalid one is refused by commander with the message given here. */

import { InvalidArgumentError } from 'commander';

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('not a whole number');
  return Number(text);
}

export function atLeastOne(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('must be at least 1');
  return value;
}

export function signedNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new InvalidArgumentError('not a whole number, with or without a sign');
  return Number(text);
}

/** The hash of an audit entry. */
export function entryHash(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('not a hash of 64 hex digits');
  return text;
}

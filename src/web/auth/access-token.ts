/**
 * The access token of a dashboard without operators. It is generated when the process starts and printed as part of an
 * address; only the user who started the process has that address. It is valid until the process ends; the
 * sessions that it opened last for their own time.
 */

import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface AccessToken {
  readonly value: string;
  /** Compares in constant time. */
  matches(given: string): boolean;
}

export function makeAccessToken(): AccessToken {
  const value = randomBytes(32).toString('base64url');
  const digest = digestOf(value);
  return {
    value,
    matches: (given) => timingSafeEqual(digest, digestOf(given)),
  };
}

/** Digests have the same length, so that comparing them reveals nothing about a shorter or longer text. */
function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/** Short names for long texts in keys of which there may be millions. */

import { hash } from 'node:crypto';

/** Fourteen characters of base64url: 84 bits, so ten million names collide with a chance of 1 in 10^11. */
const LENGTH = 14;

/** The digest of a text. Redis keeps it in 16 bytes, the next size being 32. */
export function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, LENGTH);
}

/**
 * Layout of the customer index in Redis. Time is divided into slices, and each slice has its own hashes that
 * expire as a whole: a key with a TTL takes more memory than a hash entry. Of an email, only a digest is stored.
 */

import { digest } from '../keys.ts';

/** Slices in a TTL: an entry lives for one TTL and at most one eighth more. */
const SLICES = 8;

/** Hashes in a slice. */
export const SHARDS = 256;

/** Characters of a digest. */
export const DIGEST = 14;

/** Rows whose customers share one string: just below the size at which Redis would double its allocation. */
export const ROWS_PER_PART = 4000;

/** Divides time into slices of a TTL (ms). */
export function makeSlices(ttlMs: number) {
  const sliceMs = ttlMs / SLICES;
  const at = (now: number) => Math.floor(now / sliceMs);
  return {
    at,
    /** Expiry (ms since 1970) of the slice's keys. */
    endOf: (slice: number) => Math.ceil((slice + 1) * sliceMs + ttlMs),
    /** Slices whose keys may still exist, oldest first. */
    living: (now: number) => Array.from({ length: SLICES + 2 }, (_, age) => at(now) - age).toReversed(),
  };
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export const emailTerm = (email: string) => digest(`email ${email.toLowerCase()}`);
export const cardTerm = (passId: string) => digest(`card ${passId}`);

/**
 * Returns the shard of a digest, one of 256 hashes (small enough to be deleted at once), and in the lookup
 * hashes its bucket, one of 512 entries: Redis stores a hash of up to 512 entries as a compact listpack.
 */
export function locationOf(term: string): { shard: number; bucket: string } {
  const bits = (sixBits(term, 0) << 11) | (sixBits(term, 1) << 5) | (sixBits(term, 2) >>> 1);
  return { shard: bits >>> 9, bucket: String(bits & 511) };
}

/** Decodes one character; 0 past the end. Decoding through a Buffer would cost as much as the digest itself. */
function sixBits(term: string, index: number): number {
  return index < term.length ? BASE64URL.indexOf(term.charAt(index)) : 0;
}

/** Returns the string and offset that hold the digest of a row's customer. */
export function rowLocation(row: number): { part: number; offset: number } {
  return { part: Math.floor(row / ROWS_PER_PART), offset: (row % ROWS_PER_PART) * DIGEST };
}

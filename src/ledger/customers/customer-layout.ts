/**
 * Where the people index keeps what. Time is cut into slices, each with hashes of its own that end
 * together, since a key with a TTL costs more than a hash entry. Of an e-mail only a digest is kept.
 */

import { digest } from '../digest.ts';

/** Slices in a TTL: what is written lives for one TTL, and for another eighth at most. */
const SLICES = 8;

/** Hashes in a slice. */
export const SHARDS = 256;

/** Characters of a digest. */
export const DIGEST = 14;

/** Rows whose customers stand in one string: just below where Redis would double it. */
export const ROWS_TOGETHER = 4000;

/** The slices of a TTL (ms). */
export function makeSlices(ttlMs: number) {
  const sliceMs = ttlMs / SLICES;
  const at = (now: number) => Math.floor(now / sliceMs);
  return {
    at,
    /** When (ms) what is written in one ends. */
    endOf: (slice: number) => Math.ceil((slice + 1) * sliceMs + ttlMs),
    /** Those that may hold something, oldest first. */
    living: (now: number) => Array.from({ length: SLICES + 2 }, (_, age) => at(now) - age).toReversed(),
  };
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export const emailField = (email: string) => digest(`email ${email.toLowerCase()}`);
export const cardField = (passId: string) => digest(`card ${passId}`);

/**
 * Where a digest belongs: one of 256 hashes, small enough to be deleted at once, and in `found`
 * one of 512 entries there. Redis packs a hash of no more entries than that tightly.
 */
export function placeOf(field: string): { shard: number; bucket: string } {
  const bits = (sixBits(field, 0) << 11) | (sixBits(field, 1) << 5) | (sixBits(field, 2) >>> 1);
  return { shard: bits >>> 9, bucket: String(bits & 511) };
}

/** What a character stands for; of none, 0. A Buffer for each would cost as much as the digest did. */
function sixBits(field: string, at: number): number {
  return at < field.length ? BASE64URL.indexOf(field.charAt(at)) : 0;
}

/** Where the digest of a row's customer stands. */
export function placeOfRow(row: number): { part: number; offset: number } {
  return { part: Math.floor(row / ROWS_TOGETHER), offset: (row % ROWS_TOGETHER) * DIGEST };
}

/**
 * Hash chain of the audit trail. An entry is stored as its hash, a space and its canonical JSON; the hash covers the
 * previous hash and that JSON. Any change to an entry or to the order changes every later hash.
 */

import { hash } from 'node:crypto';
import type { AuditDraft, AuditEntry } from '../../domain/operators/audit-entry.ts';

const HASH_LENGTH = 64;

/** The end of the chain: number of entries, and hash of the last one. */
export interface Head {
  n: number;
  hash: string;
}

/** The head of an empty chain. */
export const noHead: Head = { n: 0, hash: '' };

/** Appends an entry to a head; returns its stored form and the new head. */
export function chainTo(head: Head, draft: AuditDraft): { stored: string; head: Head } {
  const n = head.n + 1;
  const stored = seal(head.hash, canonical({ ...draft, n }));
  return { stored, head: { n, hash: hashIn(stored) } };
}

/** Parses a stored entry; undefined if it is malformed. */
export function readEntry(stored: string): AuditEntry | undefined {
  try {
    const entry: unknown = JSON.parse(stored.slice(HASH_LENGTH + 1));
    if (typeof entry !== 'object' || entry === null) return undefined;
    return { ...(entry as AuditEntry), hash: hashIn(stored) };
  } catch {
    return undefined;
  }
}

/** Checks a stored entry against its position and the previous hash. Returns the problem; undefined if it is intact. */
export function faultIn(stored: string, n: number, hashBefore: string): string | undefined {
  const entry = readEntry(stored);
  if (entry === undefined) return 'it cannot be parsed';
  if (entry.n !== n) return `entry ${entry.n} is at its position`;
  if (seal(hashBefore, stored.slice(HASH_LENGTH + 1)) === stored) return undefined;
  return n === 1 ? 'it was changed' : `it was changed, or entry ${n - 1} was`;
}

export function hashIn(stored: string): string {
  return stored.slice(0, HASH_LENGTH);
}

function seal(hashBefore: string, json: string): string {
  return `${hash('sha256', hashBefore + json)} ${json}`;
}

/** JSON must have no spaces and sorted keys, so that anyone who has an entry can compute its hash. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/**
 * How the entries of the audit are chained: each is stored as its hash, a space and its canonical
 * JSON, and the hash is taken over the hash before it and that JSON. So no byte of an entry, nor
 * its place, can change without every later hash changing.
 */

import { hash } from 'node:crypto';
import type { AuditDraft, AuditEntry } from '../../domain/operators/audit-entry.ts';

const HASH_LENGTH = 64;

/** The end of the chain: how many entries there are, and the hash of the last. */
export interface Head {
  n: number;
  hash: string;
}

/** Before the first entry. */
export const noHead: Head = { n: 0, hash: '' };

/** Chains an entry to a head: what is stored of it, and the head from then on. */
export function chainTo(head: Head, draft: AuditDraft): { stored: string; head: Head } {
  const n = head.n + 1;
  const stored = seal(head.hash, canonical({ ...draft, n }));
  return { stored, head: { n, hash: hashIn(stored) } };
}

/** An entry as it is stored; undefined for what none could be stored as. */
export function readEntry(stored: string): AuditEntry | undefined {
  try {
    const entry: unknown = JSON.parse(stored.slice(HASH_LENGTH + 1));
    if (typeof entry !== 'object' || entry === null) return undefined;
    return { ...(entry as AuditEntry), hash: hashIn(stored) };
  } catch {
    return undefined;
  }
}

/** Why what is stored at place `n` cannot have been written there, behind that hash; undefined where it was. */
export function faultIn(stored: string, n: number, hashBefore: string): string | undefined {
  const entry = readEntry(stored);
  if (entry === undefined) return 'it cannot be read';
  if (entry.n !== n) return `entry ${entry.n} is in its place`;
  if (seal(hashBefore, stored.slice(HASH_LENGTH + 1)) === stored) return undefined;
  return n === 1 ? 'it was changed' : `it was changed, or entry ${n - 1} was`;
}

export function hashIn(stored: string): string {
  return stored.slice(0, HASH_LENGTH);
}

function seal(hashBefore: string, json: string): string {
  return `${hash('sha256', hashBefore + json)} ${json}`;
}

/** JSON without spaces and with sorted keys: whoever has an entry can reckon its hash. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

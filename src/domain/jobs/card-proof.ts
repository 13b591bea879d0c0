/**
 * Proof that an unknown create made its card: Passmachine names the job together with the card, or an operator has
 * looked the card up.
 */

import { MAX_PASS_ID_LENGTH, unsafePassId } from './pass-id.ts';
import type { Json } from './program.ts';

export interface CardProof {
  /** Id of the job, from the card's metadata. */
  job: string;
  passId: string;
  link?: string;
  /** Ids of the customer in the event, by type; values that are not text are left out. */
  ids: Readonly<Record<string, string>>;
}

/** A proof that came before its job had ended, and when, in milliseconds since 1970. */
export interface EarlyProof extends CardProof {
  at: number;
}

/** Compares the ids of two customers by the types that both have; `unknown` if there is none. */
export function compareCustomers(
  ids: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>>,
): 'same' | 'different' | 'unknown' {
  const shared = Object.keys(ids).filter((type) => Object.hasOwn(others, type));
  if (shared.length === 0) return 'unknown';
  return shared.every((type) => ids[type] === others[type]) ? 'same' : 'different';
}

/** Returns what is wrong with a card id; undefined for a possible one. Passmachine does not document their shape. */
export function problemOfPassId(passId: string): string | undefined {
  if (passId === '') return 'the card id is empty';
  if (passId.length > MAX_PASS_ID_LENGTH) return `the card id has more than ${MAX_PASS_ID_LENGTH} characters`;
  if (/^[\d.,]+e[+-]?\d+$/i.test(passId)) {
    return 'the card id is a number in scientific notation, as spreadsheets write it; format the column as text';
  }
  if (/^https?:/i.test(passId)) return 'the card id is a link; use the id of the card';
  if (!/^[\w.:~-]+$/.test(passId)) {
    return 'the card id has a character other than letters, digits and . : ~ _ -';
  }
  const unsafe = unsafePassId(passId);
  return unsafe === undefined ? undefined : `the card id ${unsafe}`;
}

/** Returns the first usable text at one of the paths, e.g. `pass.id`: a member of that name, or nested members. */
export function textAt(value: { [name: string]: Json }, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const found = Object.hasOwn(value, path) ? value[path] : memberAt(value, path.split('.'));
    if (typeof found === 'string' && found.trim() !== '') return found.trim();
    if (typeof found === 'number' && Number.isSafeInteger(found)) return String(found);
  }
  return undefined;
}

function memberAt(value: Json, path: readonly string[]): Json | undefined {
  let found: Json | undefined = value;
  for (const name of path) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}

/** Returns the first text under one of these names, at any depth; undefined if there is none. */
export function findMember(value: Json, names: ReadonlySet<string>): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (isNamed(name, names) && typeof inner === 'string' && inner !== '') return inner;
    const found = findMember(inner, names);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns the value without the members of these names, at any depth, and without objects that held nothing else. */
export function withoutMembers<T extends Json>(value: T, names: ReadonlySet<string>): T {
  if (Array.isArray(value)) return value.map((inner) => withoutMembers(inner, names)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).flatMap(([name, inner]): [string, Json][] => {
    if (isNamed(name, names)) return [];
    const rest = withoutMembers(inner, names);
    return isEmptied(inner, rest) ? [] : [[name, rest]];
  });
  return Object.fromEntries(kept) as T;
}

/** Senders may flatten their objects: `metadata.passbridge_job`. */
function isNamed(name: string, names: ReadonlySet<string>): boolean {
  return names.has(name) || names.has(name.slice(name.lastIndexOf('.') + 1));
}

function isEmptied(before: Json, after: Json): boolean {
  return (
    isObject(after) && Object.keys(after).length === 0 && isObject(before) && Object.keys(before).length > 0
  );
}

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

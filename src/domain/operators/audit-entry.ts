/** What is written down of each changing act of a person: who, when, why, on what, from what to what. */

import type { Json } from '../jobs/program.ts';

/** What people do that changes something. What the machinery does by itself is none of it. */
export type AuditedAction =
  | `campaign.${'start' | 'pause' | 'resume' | 'stop'}`
  | `limits.${'set' | 'reset'}`
  | `schedule.${'run' | 'skip' | 'enable' | 'disable'}`
  | `failures.${'retry' | 'discard' | 'edit' | 'cancel'}`
  | `operator.${'sign-in' | 'sign-out' | 'refused'}`
  | `operators.${'add' | 'remove'}`
  /** On a digest of whoever is forgotten. */
  | 'customer.forget';

/** Entries hold ids and counts, never the attributes of customers: they are kept for good. */
export interface AuditEntry {
  /** Serial number, from 1 without gaps. */
  n: number;
  /** Milliseconds since 1970. */
  at: number;
  /** The person: a user of the machine or an operator of the dashboard. */
  by: string;
  via: 'command line' | 'dashboard' | 'api';
  act: AuditedAction;
  /** What it was done to, e.g. the id of a campaign. */
  on: string;
  /** In the person's words; empty where none was given. */
  reason: string;
  before?: Json;
  /** What it was to become: an entry is written ahead of its act. */
  after?: Json;
  /** Number of an entry whose act came to nothing after all; `reason` says why. */
  voids?: number;
  /** 64 hex digits that depend on this entry and on all before it. */
  hash: string;
}

/** An entry that has no place in the chain yet. */
export type AuditDraft = Omit<AuditEntry, 'n' | 'hash'>;

/** Which entries are wanted. */
export interface AuditQuery {
  /** Only entries before this place; by default from the newest. */
  before?: number | undefined;
  limit: number;
  /** Only what was done to it. */
  on?: string | undefined;
  /** Only what this person did. */
  by?: string | undefined;
}

export interface AuditPage {
  /** Newest first. */
  entries: AuditEntry[];
  /** Where the next page goes on: its `before`. Absent where none was left to look at. */
  next?: number;
}

/** Whether the chain is what was written; otherwise the first entry that is not, where one can be named. */
export type AuditVerdict =
  | { ok: true; entries: number; head: string }
  | { ok: false; n?: number; problem: string };

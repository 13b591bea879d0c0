/** The audit trail: one entry for each change that an operator makes. */

import type { Json } from '../jobs/program.ts';

/** Actions of operators that change something. Automatic changes are not audited. */
export type AuditedAction =
  | `campaign.${'start' | 'reschedule' | 'pause' | 'resume' | 'stop'}`
  | `limits.${'set' | 'reset'}`
  | 'gate.open'
  | `upload.${'start' | 'delete'}`
  | `schedule.${'run' | 'skip' | 'enable' | 'disable'}`
  | `failures.${'retry' | 'discard' | 'edit' | 'cancel' | 'resolve'}`
  | `operator.${'sign-in' | 'sign-out' | 'refused'}`
  | `operators.${'add' | 'remove'}`
  /** The target is a program. */
  | 'store.reconcile'
  /** The target is a digest of the customer's id. */
  | 'customer.forget';

/** Entries are kept for good, so they must hold only ids and counts, not attributes of customers. */
export interface AuditEntry {
  /** Sequence number: from 1, without gaps. */
  n: number;
  /** Milliseconds since 1970. */
  at: number;
  /** A user of the machine (command line) or an operator of the dashboard. */
  by: string;
  via: 'command line' | 'dashboard' | 'api';
  action: AuditedAction;
  /** What was changed, e.g. the id of a campaign. */
  target: string;
  /** In the operator's words; empty if they gave none. */
  reason: string;
  before?: Json;
  /** The intended state: the entry is written before the change. */
  after?: Json;
  /** Number of an earlier entry whose action failed; `reason` says why. */
  voids?: number;
  /** SHA-256 as 64 hex digits, over this entry and the hash of the one before. */
  hash: string;
}

/** An entry that is not in the chain yet. */
export type AuditDraft = Omit<AuditEntry, 'n' | 'hash'>;

export interface AuditQuery {
  /** Only entries with a lower sequence number; by default from the newest. */
  before?: number | undefined;
  limit: number;
  target?: string | undefined;
  by?: string | undefined;
}

export interface AuditPage {
  /** Newest first. */
  entries: AuditEntry[];
  /** `before` of the next page; absent if there are no older entries. */
  next?: number;
}

/** Result of verifying the chain; `n` is the first wrong entry, if it can be identified. */
export type AuditVerdict =
  | { ok: true; entries: number; head: string }
  | { ok: false; n?: number; problem: string };

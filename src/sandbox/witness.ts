/**
 * The witness records every call as the upstreams see it, so its numbers do not depend on what the caller believes. A
 * call is in flight from the arrival of its headers until its answer is sent or its socket is closed; a call that its
 * caller gave up ends when the hang-up arrives.
 */

import type { CallKind, Side } from './call.ts';

/** One call. Times are milliseconds since 1970 with fractions, from a clock that never goes back. */
export interface WitnessEntry {
  readonly seq: number;
  readonly at: number;
  readonly side: Side;
  readonly kind: CallKind | 'unknown';
  /** `metadata.registered` of the card. */
  readonly customer: string | undefined;
  readonly passId: string | undefined;
  /** Whether it changed anything; undefined until that is decided. */
  readonly applied: boolean | undefined;
  /** The status that was sent, whether or not the caller waited for it. */
  readonly status: number | undefined;
  /** The injected fault, e.g. `429+2`. */
  readonly fault: string | undefined;
  /** Calls for passes in flight when it arrived, including itself, and likewise calls for tokens. */
  readonly inFlight: number;
  readonly authenticating: number;
  /** How long it was in flight; undefined while it is. */
  readonly ms: number | undefined;
  /** Batches only. */
  readonly commands: number | undefined;
  readonly refused: number | undefined;
  /** Exports only. */
  readonly requestBody: unknown;
}

/** The result of a call. */
export interface Effect {
  applied: boolean;
  customer?: string | undefined;
  passId?: string | undefined;
  status?: number | undefined;
  fault?: string | undefined;
  commands?: number | undefined;
  refused?: number | undefined;
  requestBody?: unknown;
}

/** When the id of each card was written back to Bloomreach. */
export interface WriteBackTimes {
  /** Milliseconds from the creation of a card to its first write-back, for each card with one. */
  delays(): number[];
  /** Ids of cards that have not been written back. */
  missing(): string[];
}

export interface Witness {
  /** The calls, oldest first; only the newest if there are more than the sandbox keeps. */
  entries(): readonly WitnessEntry[];
  /** The current time in the units of {@link WitnessEntry.at}. */
  now(): number;
  /** Maximum number of calls for passes at once; `all` includes calls for tokens. */
  maxInFlight(scope?: 'passes' | 'all'): number;
  /** Calls for passes in flight between two times, weighted by time. */
  averageInFlight(from: number, to: number): number;
  /** Number of cards made for each customer; a card without `registered` is listed under its own id. */
  createsApplied(): ReadonlyMap<string, number>;
  /** Customers with more than one card. */
  doubles(): { customer: string; creates: number }[];
  /** Number of calls of a kind that arrived. */
  count(kind: WitnessEntry['kind']): number;
  readonly writeBacks: WriteBackTimes;
}

/** What the sandbox reports to the witness. */
export interface WitnessRecorder {
  arrive(side: Side, kind: WitnessEntry['kind']): WitnessEntry;
  /** Records the result of a call; once per call, before or after it has left. */
  settle(entry: WitnessEntry, effect: Effect): void;
  /** Its answer is sent or its socket is closed; a second call has no effect. */
  leave(entry: WitnessEntry): void;
  /** A `customers` command with these properties was applied. */
  recordProperties: (properties: Record<string, unknown>) => void;
  /** Forgets everything except the calls in flight. */
  reset(): void;
}

type OpenEntry = { -readonly [Key in keyof WitnessEntry]: WitnessEntry[Key] };

interface WitnessOptions {
  /** Number of entries kept; memory may hold up to twice as many. */
  keep: number;
  /** Called for each call once it has both left and settled. */
  onClosed?: (entry: WitnessEntry) => void;
}

/** Comparable between processes, and never goes back within this one. */
const now = (): number => performance.timeOrigin + performance.now();

export function makeWitness({ keep, onClosed }: WitnessOptions): Witness & WitnessRecorder {
  let entries: OpenEntry[] = [];
  let seq = 0;
  let passes = 0;
  let tokens = 0;
  let max = { passes: 0, all: 0 };
  const creates = new Map<string, number>();
  const counts = new Map<WitnessEntry['kind'], number>();
  const writeBacks = makeWriteBackTimes();

  const closed = (entry: OpenEntry) => {
    if (entry.ms !== undefined && entry.applied !== undefined) onClosed?.(entry);
  };

  return {
    arrive(side, kind) {
      if (kind === 'create' || kind === 'patch') passes += 1;
      else if (kind === 'authenticate') tokens += 1;
      max = { passes: Math.max(max.passes, passes), all: Math.max(max.all, passes + tokens) };
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      const entry: OpenEntry = {
        seq: ++seq,
        at: now(),
        side,
        kind,
        customer: undefined,
        passId: undefined,
        applied: undefined,
        status: undefined,
        fault: undefined,
        inFlight: passes,
        authenticating: tokens,
        ms: undefined,
        commands: undefined,
        refused: undefined,
        requestBody: undefined,
      };
      entries.push(entry);
      // Must be halved rarely, so that the cost of a call does not depend on how many came before.
      if (entries.length >= 2 * keep) entries = entries.slice(keep);
      return entry;
    },
    settle(entry: OpenEntry, effect) {
      if (entry.applied !== undefined) return;
      Object.assign(entry, effect);
      if (effect.applied && entry.kind === 'create' && effect.passId !== undefined) {
        const customer = effect.customer ?? effect.passId;
        creates.set(customer, (creates.get(customer) ?? 0) + 1);
        writeBacks.created(effect.passId, now());
      }
      closed(entry);
    },
    leave(entry: OpenEntry) {
      if (entry.ms !== undefined) return;
      entry.ms = now() - entry.at;
      if (entry.kind === 'create' || entry.kind === 'patch') passes -= 1;
      else if (entry.kind === 'authenticate') tokens -= 1;
      closed(entry);
    },
    recordProperties(properties) {
      // The names of attributes depend on the program, so any value that is the id of a card counts.
      for (const value of Object.values(properties)) {
        if (typeof value === 'string') writeBacks.written(value, now());
      }
    },
    reset() {
      entries = [];
      max = { passes: 0, all: 0 };
      creates.clear();
      counts.clear();
      writeBacks.clear();
    },

    entries: () => entries,
    now,
    maxInFlight: (scope = 'passes') => max[scope],
    averageInFlight(from, to) {
      const end = now();
      const busy = entries
        .filter(({ kind }) => kind === 'create' || kind === 'patch')
        .map(({ at, ms }) => Math.min(to, ms === undefined ? end : at + ms) - Math.max(from, at))
        .reduce((sum, overlap) => sum + Math.max(0, overlap), 0);
      return to > from ? busy / (to - from) : 0;
    },
    createsApplied: () => creates,
    doubles: () =>
      [...creates].flatMap(([customer, count]) => (count > 1 ? [{ customer, creates: count }] : [])),
    count: (kind) => counts.get(kind) ?? 0,
    writeBacks,
  };
}

function makeWriteBackTimes() {
  const cards = new Map<string, { createdAt: number; writtenAt: number | undefined }>();
  return {
    created: (passId: string, at: number) => void cards.set(passId, { createdAt: at, writtenAt: undefined }),
    /** Only the first write-back of a known card counts; other values are ignored. */
    written(passId: string, at: number): void {
      const card = cards.get(passId);
      if (card !== undefined) card.writtenAt ??= at;
    },
    clear: () => cards.clear(),
    delays: () =>
      [...cards.values()].flatMap(({ createdAt, writtenAt }) =>
        writtenAt === undefined ? [] : [writtenAt - createdAt],
      ),
    missing: () => [...cards].flatMap(([id, { writtenAt }]) => (writtenAt === undefined ? [id] : [])),
  };
}

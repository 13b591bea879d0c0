/**
 * The judge: it sees every call as the upstreams see it, so its numbers do not depend on what the
 * caller believes. A call is in flight from the arrival of its headers until its answer is out or
 * its socket is gone; a call that its caller gave up ends when the hang-up arrives.
 */

import type { CallKind, Side } from './call.ts';
import { makeSaves, type SaveRecords } from './write-backs.ts';

/** One call. Times are milliseconds since 1970 with fractions, from a clock that never goes back. */
export interface WitnessEntry {
  readonly seq: number;
  readonly at: number;
  readonly side: Side;
  readonly kind: CallKind | 'unknown';
  /** `metadata.registered` of the card. */
  readonly customer: string | undefined;
  readonly passId: string | undefined;
  /** Whether it changed anything; undefined while that is open. */
  readonly applied: boolean | undefined;
  /** The status that was answered, whether or not the caller waited for it. */
  readonly status: number | undefined;
  /** The fault that struck it, e.g. `429+2`. */
  readonly fault: string | undefined;
  /** Calls for passes in flight when it arrived, itself included, and calls for tokens likewise. */
  readonly inFlight: number;
  readonly authenticating: number;
  /** How long it was in flight; undefined while it is. */
  readonly ms: number | undefined;
  /** Only batches. */
  readonly commands: number | undefined;
  readonly refused: number | undefined;
  /** Only exports: the body of the request. */
  readonly asked: unknown;
}

/** What became of a call. */
export interface Effect {
  applied: boolean;
  customer?: string | undefined;
  passId?: string | undefined;
  status?: number | undefined;
  fault?: string | undefined;
  commands?: number | undefined;
  refused?: number | undefined;
  asked?: unknown;
}

export interface Witness {
  /** The calls, oldest first; only the newest ones once there are more than the sandbox keeps. */
  entries(): readonly WitnessEntry[];
  /** The time in the units of {@link WitnessEntry.at}. */
  now(): number;
  /** The most calls for passes at once; `all` counts calls for tokens, too. */
  maxInFlight(scope?: 'passes' | 'all'): number;
  /** Calls for passes in flight between two instants, weighted by time. */
  averageInFlight(from: number, to: number): number;
  /** How many cards each customer was given; a card without `registered` stands under its own id. */
  createsApplied(): ReadonlyMap<string, number>;
  /** Customers who were given more than one. */
  doubles(): { customer: string; creates: number }[];
  /** Calls of a kind that arrived. */
  count(kind: WitnessEntry['kind']): number;
  /** When each card's id came home. */
  readonly saves: SaveRecords;
}

/** What the sandbox tells it. */
export interface WitnessStand {
  arrive(side: Side, kind: WitnessEntry['kind']): WitnessEntry;
  /** What became of it; once for each call, before or after it has left. */
  settle(entry: WitnessEntry, effect: Effect): void;
  /** Its answer is out or its socket is gone; saying so again changes nothing. */
  leave(entry: WitnessEntry): void;
  /** A `customers` command was applied with these properties. */
  sawProperties: (properties: Record<string, unknown>) => void;
  /** Forgets everything but the calls in flight. */
  reset(): void;
}

type OpenEntry = { -readonly [Key in keyof WitnessEntry]: WitnessEntry[Key] };

interface WitnessOptions {
  /** How many entries are kept; memory may hold up to twice as many. */
  keep: number;
  /** Told of each call once it has both left and settled. */
  onClosed?: (entry: WitnessEntry) => void;
}

/** Comparable between processes, and never stepping back in this one. */
const now = (): number => performance.timeOrigin + performance.now();

/** A witness that has seen nothing yet. */
export function makeWitness({ keep, onClosed }: WitnessOptions): Witness & WitnessStand {
  let entries: OpenEntry[] = [];
  let seq = 0;
  let passes = 0;
  let tokens = 0;
  let most = { passes: 0, all: 0 };
  const creates = new Map<string, number>();
  const counts = new Map<WitnessEntry['kind'], number>();
  const saves = makeSaves();

  const closed = (entry: OpenEntry) => {
    if (entry.ms !== undefined && entry.applied !== undefined) onClosed?.(entry);
  };

  return {
    arrive(side, kind) {
      if (kind === 'create' || kind === 'patch') passes += 1;
      else if (kind === 'authenticate') tokens += 1;
      most = { passes: Math.max(most.passes, passes), all: Math.max(most.all, passes + tokens) };
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
        asked: undefined,
      };
      entries.push(entry);
      // Cut rarely and by half, so that a call costs the same however many came before.
      if (entries.length >= 2 * keep) entries = entries.slice(keep);
      return entry;
    },
    settle(entry: OpenEntry, effect) {
      if (entry.applied !== undefined) return;
      Object.assign(entry, effect);
      if (effect.applied && entry.kind === 'create' && effect.passId !== undefined) {
        const customer = effect.customer ?? effect.passId;
        creates.set(customer, (creates.get(customer) ?? 0) + 1);
        saves.created(effect.passId, now());
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
    sawProperties(properties) {
      // Attribute names are the program's own, so any value that is a card's id counts.
      for (const value of Object.values(properties)) {
        if (typeof value === 'string') saves.arrived(value, now());
      }
    },
    reset() {
      entries = [];
      most = { passes: 0, all: 0 };
      creates.clear();
      counts.clear();
      saves.clear();
    },

    entries: () => entries,
    now,
    maxInFlight: (scope = 'passes') => most[scope],
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
    saves,
  };
}

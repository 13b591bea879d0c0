/**
 * What happened in a run, event by event, as an outside observer sees it. The checker judges nothing else, so a history
 * can come from a simulated world, from processes under chaos, or from a test.
 */

import type { FinalState } from '../../src/domain/jobs/outcome.ts';
import type { PassAction } from '../../src/domain/jobs/pass-job.ts';

/** A row of a campaign's source. */
export interface RowFact {
  campaign: string;
  row: number;
  customer: string;
  action: PassAction;
  /** The card that an update or a notification changes. */
  card?: string;
}

export type HistoryEvent =
  /** Passmachine begins to work on a call. */
  | { kind: 'call-began'; call: number; process: string; job: string; action: PassAction }
  /** Passmachine made a card. */
  | { kind: 'card-made'; call: number; job: string; customer: string; card: string; voucher?: string }
  /** Passmachine changed a card; `notifies`: the phone showed it. */
  | { kind: 'card-changed'; call: number; job: string; card: string; notifies: boolean }
  /** Passmachine has ended the call. `answer`: the status it sent, absent if there was none; `hasProof`: and the card. */
  | { kind: 'call-ended'; call: number; answer?: number; hasProof: boolean }
  /** Bloomreach stored a card's id; `card` is what it holds now. */
  | { kind: 'saved'; customer: string; card: string }
  | { kind: 'halted' | 'resumed'; campaign: string }
  /** The counters of a campaign, and the number of its rows that are settled. */
  | { kind: 'counters'; campaign: string; read: number; settled: number; states: Record<FinalState, number> }
  /** Something that befell a process: for readers. */
  | { kind: 'fault'; process: string; fault: string }
  | { kind: 'command'; process: string; name: string };

/** `at`: ms since the start of the run. */
export type Dated = HistoryEvent & { at: number };

/** What the ledger says of a row at the end; undefined if it is not settled. */
export interface RowEnd extends RowFact {
  state: FinalState | undefined;
  /** Whether its write-back was given up, with a failure that an operator sees. */
  isWriteBackFailed: boolean;
}

export interface History {
  events: readonly Dated[];
  rows: readonly RowEnd[];
  /** The card that Bloomreach holds of each customer at the end. */
  saved: ReadonlyMap<string, string>;
  /** Maximum number of calls in flight. */
  cap: number;
  /** Notifications that a card may get in 24 hours; undefined for no limit. */
  notificationLimit: number | undefined;
  /** Cards that a customer may have: one for each campaign that issues or replaces one. */
  cardsPerCustomer: number;
}

/** Renders a history as lines of text. */
export function formatHistory({ events, rows }: History, { commands = true } = {}): string {
  const lines = events
    .filter(({ kind }) => commands || kind !== 'command')
    .map(({ at, kind, ...facts }) => `${at.toFixed(1).padStart(10)}  ${kind.padEnd(12)} ${describe(facts)}`);
  const ends = rows.map(
    ({ campaign, row, customer, state = 'open' }) =>
      `${'end'.padStart(10)}  ${campaign}-${row} of ${customer}: ${state}`,
  );
  return [...lines, ...ends, ''].join('\n');
}

function describe(facts: object): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' ');
}

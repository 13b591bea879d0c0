/**
 * Checks a finished run against three independent sources: the rows that were sent, the calls that the sandbox's
 * Passmachine recorded, and the properties that its Bloomreach stores. passbridge's own counters must agree with all
 * three.
 */

import { finalStates, type FinalState } from '../../src/domain/jobs/outcome.ts';
import type { RunRecords } from './run-records.ts';

export interface InvariantReport {
  rows: number;
  done: number;
  unknown: number;
  /** Unknown rows without a request at Passmachine: a process was killed or suspended between the mark and the first byte. */
  unsent: number;
  /** Rows that are not settled, and rows that are done but not saved to Bloomreach. */
  lost: number;
  /** Customers with more than one card. */
  duplicated: number;
  /** Rows that are done by the counters but have no card at Passmachine. */
  falseDone: number;
  maxInFlight: number;
  /** One sentence per violated invariant. */
  problems: string[];
}

interface Allowed {
  /** Maximum number of rows that may be unknown. */
  unknown: number;
  /** Maximum number of unknown rows without a request at Passmachine. */
  unsent: number;
  /** States other than done and unknown that rows may have. */
  states?: readonly FinalState[];
  /** How many cards a customer may have; default: 1. More if the run re-issues cards. */
  cardsPerCustomer?: number;
}

/** Ten calls in flight, and ten whose answers are being recorded. */
const MAX_MARKED = 20;

/** Checks a run that has ended. */
export function checkInvariants(records: RunRecords, allowed: Allowed): InvariantReport {
  const { rows, counters, settled, failed, cards, savedCard, leftover, maxInFlight } = records;
  const { requested, interruptions } = records;
  const customers = Array.from({ length: rows }, (_, index) => ({
    row: index + 1,
    customer: `c-${index + 1}`,
  }));
  const done = customers.filter(({ row }) => (failed.get(row) ?? 'done') === 'done');
  const cardsOf = (customer: string) => cards.get(customer) ?? [];

  const unsettled = rows - settled;
  const unsaved = done.filter(({ customer }) => !cardsOf(customer).includes(String(savedCard(customer))));
  const falseDone = done.filter(({ customer }) => cardsOf(customer).length === 0);
  const duplicated = [...cards].filter(([, made]) => made.length > (allowed.cardsPerCustomer ?? 1));
  const unsent = [...failed].filter(([row, state]) => state === 'unknown' && !requested.has(row));
  const unexplained = unsent.filter(([row]) => !interruptions.some(({ marked }) => marked.has(row)));
  const maxMarked = Math.max(0, ...interruptions.map(({ marked }) => marked.size));
  const sum = finalStates.reduce((total, state) => total + counters[state], 0);
  const rowsIn = (state: FinalState) => [...failed.values()].filter((found) => found === state).length;

  const checks = [
    [counters.rows !== rows, `${counters.rows} rows were accepted instead of ${rows}`],
    [unsettled !== 0, `${unsettled} rows are not settled`],
    [sum !== settled, `the counters add up to ${sum}, but ${settled} rows are settled`],
    [counters.done !== done.length, `counter done is ${counters.done}, but ${done.length} rows are done`],
    ...(['rejected', 'failed', 'unknown'] as const).map(
      (state) =>
        [
          counters[state] !== rowsIn(state),
          `counter ${state} is ${counters[state]}, but ${rowsIn(state)} rows are ${state}`,
        ] as const,
    ),
    ...finalStates
      .filter((state) => state !== 'done' && state !== 'unknown' && !allowed.states?.includes(state))
      .map((state) => [counters[state] !== 0, `${counters[state]} rows are ${state}`] as const),
    [
      counters.writeBacks !== counters.writtenBack + counters.writeBackFailures,
      'a write-back is neither delivered nor failed',
    ],
    [
      duplicated.length > 0,
      `${duplicated.length} customers have more than one card, e.g. ${duplicated[0]?.[0]}`,
    ],
    [falseDone.length > 0, `${falseDone.length} rows are done without a card, e.g. row ${falseDone[0]?.row}`],
    [
      unsaved.length > 0,
      `${unsaved.length} cards were not saved to Bloomreach, e.g. the one of row ${unsaved[0]?.row}`,
    ],
    [
      counters.unknown > allowed.unknown,
      `${counters.unknown} rows are unknown; at most ${allowed.unknown} may be`,
    ],
    [
      unsent.length > allowed.unsent,
      `${unsent.length} unknown rows were never sent; at most ${allowed.unsent} may be`,
    ],
    [
      unexplained.length > 0,
      `${unexplained.length} unknown rows were never sent, and not marked as sent at a kill, e.g. row ${unexplained[0]?.[0]}`,
    ],
    [maxMarked > MAX_MARKED, `${maxMarked} creates were marked as sent at one kill`],
    [leftover > 0, `${leftover} jobs or write-backs are left in Redis`],
    [maxInFlight > 10, `${maxInFlight} calls were in flight`],
  ] as const;

  return {
    rows,
    done: counters.done,
    unknown: counters.unknown,
    unsent: unsent.length,
    lost: unsettled + unsaved.length,
    duplicated: duplicated.length,
    falseDone: falseDone.length,
    maxInFlight,
    problems: checks.flatMap(([violated, problem]) => (violated ? [problem] : [])),
  };
}

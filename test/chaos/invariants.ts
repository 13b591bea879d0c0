/**
 * Compares three ledgers that know nothing of each other: the rows that were accepted, what
 * Passmachine's witness saw, and what Bloomreach holds. passbridge's own counters are the accused.
 */

import { finalStates, type FinalState } from '../../src/domain/jobs/outcome.ts';
import type { Evidence } from './evidence.ts';

export interface Verdict {
  rows: number;
  done: number;
  unknown: number;
  /** Neither ended, nor saved though done. */
  lost: number;
  /** Customers with more than one card. */
  doubled: number;
  /** Done by the counters, and no card by the witness. */
  falseDone: number;
  maxInFlight: number;
  /** Every sentence is a reason to fail. */
  problems: string[];
}

interface Allowed {
  /** The most rows that may have ended unknown. */
  unknown: number;
  /** States besides done and unknown that rows may have ended in. */
  states?: readonly FinalState[];
}

/** Judges a run that is over. */
export function judge(evidence: Evidence, allowed: Allowed): Verdict {
  const { rows, counters, ended, failed, cards, saved, left, maxInFlight } = evidence;
  const customers = Array.from({ length: rows }, (_, index) => ({
    row: index + 1,
    customer: `c-${index + 1}`,
  }));
  const done = customers.filter(({ row }) => (failed.get(row) ?? 'done') === 'done');
  const cardsOf = (customer: string) => cards.get(customer) ?? [];

  const unended = rows - ended;
  const unsaved = done.filter(({ customer }) => !cardsOf(customer).includes(String(saved(customer))));
  const falselyDone = done.filter(({ customer }) => cardsOf(customer).length === 0);
  const doubled = [...cards].filter(([, made]) => made.length > 1);
  const finals = finalStates.reduce((sum, state) => sum + counters[state], 0);
  const counted = (state: FinalState) => [...failed.values()].filter((found) => found === state).length;

  const problems = [
    [counters.rows !== rows, `${counters.rows} rows were accepted instead of ${rows}`],
    [unended !== 0, `${unended} rows have not ended`],
    [finals !== ended, `the counters add up to ${finals}, and ${ended} rows have ended`],
    [counters.done !== done.length, `done says ${counters.done}, by rows it is ${done.length}`],
    ...(['rejected', 'failed', 'unknown'] as const).map(
      (state) =>
        [
          counters[state] !== counted(state),
          `${state} says ${counters[state]}, by rows it is ${counted(state)}`,
        ] as const,
    ),
    ...finalStates
      .filter((state) => state !== 'done' && state !== 'unknown' && !allowed.states?.includes(state))
      .map((state) => [counters[state] !== 0, `${counters[state]} rows ended as ${state}`] as const),
    [counters.saves !== counters.saved + counters.unsaved, 'a write-back is neither saved nor given up'],
    [doubled.length > 0, `${doubled.length} customers have two cards, e.g. ${doubled[0]?.[0]}`],
    [
      falselyDone.length > 0,
      `${falselyDone.length} rows are done without a card, e.g. ${falselyDone[0]?.row}`,
    ],
    [unsaved.length > 0, `${unsaved.length} cards did not come home, e.g. row ${unsaved[0]?.row}`],
    [counters.unknown > allowed.unknown, `${counters.unknown} unknown, and ${allowed.unknown} could be`],
    [left > 0, `${left} jobs or write-backs are left over`],
    [maxInFlight > 10, `${maxInFlight} calls were in flight`],
  ] as const;

  return {
    rows,
    done: counters.done,
    unknown: counters.unknown,
    lost: unended + unsaved.length,
    doubled: doubled.length,
    falseDone: falselyDone.length,
    maxInFlight,
    problems: problems.flatMap(([wrong, sentence]) => (wrong ? [sentence] : [])),
  };
}

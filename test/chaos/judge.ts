/**
 * Compares three ledgers that know nothing of each other: the rows that were accepted, what
 * Passmachine's witness saw, and what Bloomreach holds. passbridge's own counters are the accused.
 */

import type { Redis } from 'ioredis';
import { failureKinds, type FailureCode } from '../../src/job/failure.ts';
import { type FailedRecord, rowOf } from '../../src/job/failed.ts';
import { finalStates, type FinalState } from '../../src/job/outcome.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

export interface Evidence {
  /** Rows 1 to `rows`; row n is customer `c-{n}`. */
  rows: number;
  /** The campaign as it stands in Redis. */
  counters: Readonly<Record<FinalState | 'rows' | 'saves' | 'saved' | 'unsaved', number>>;
  /** Bits set in the campaign's bitmap of rows that have ended. */
  ended: number;
  /** How rows ended that stand in the failure index; every other one that has ended is done. */
  failed: ReadonlyMap<number, FinalState>;
  /** Cards made for each customer, by the witness. */
  cards: ReadonlyMap<string, readonly string[]>;
  /** The card that Bloomreach holds for a customer. */
  saved: (customer: string) => unknown;
  /** Jobs and write-backs that are left in Redis. */
  left: number;
  maxInFlight: number;
}

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

/** Reads the ledgers, passbridge's own from Redis as it lies there. */
export async function gather(
  { redis, prefix, sandbox }: { redis: Redis; prefix: string; sandbox: Sandbox },
  { id, rows }: { id: string; rows: number },
): Promise<Evidence> {
  const keys = makeLedgerKeys(prefix);
  const stored = await redis.hgetall(keys.campaign(id));
  const count = (name: string) => Number(stored[name] ?? 0);
  const queue = (name: string) => `${prefix}:pass:${name}`;
  const left = await Promise.all([
    redis.llen(queue('wait')),
    redis.llen(queue('active')),
    redis.zcard(queue('prioritized')),
    redis.zcard(queue('delayed')),
    redis.hlen(keys.outbox),
    redis.hlen(keys.reopened(id)),
  ]);

  const failed = new Map<number, FinalState>();
  for (const code of Object.keys(failureKinds) as FailureCode[]) {
    for (const text of await redis.hvals(keys.failed(id, code))) {
      const record = JSON.parse(text) as FailedRecord;
      failed.set(rowOf(record), stateOf(record));
    }
  }

  const cards = new Map<string, string[]>();
  for (const { customer = 'nobody', id: card } of sandbox.passes.all()) {
    cards.set(customer, [...(cards.get(customer) ?? []), card]);
  }

  return {
    rows,
    counters: {
      rows: count('rows'),
      done: count('done'),
      skipped: count('skipped'),
      rejected: count('rejected'),
      failed: count('failed'),
      unknown: count('unknown'),
      stopped: count('stopped'),
      saves: count('saves'),
      saved: count('saved'),
      unsaved: count('unsaved'),
    },
    ended: await redis.bitcount(keys.settled(id)),
    failed,
    cards,
    saved: (customer) => sandbox.customers.properties(`registered:${customer}`)?.['passmachine_pass_id'],
    left: left.reduce((sum, n) => sum + n, 0),
    maxInFlight: sandbox.witness.maxInFlight('all'),
  };
}

function stateOf(record: FailedRecord): FinalState {
  if ('state' in record) return record.state;
  // A card whose write-back was given up exists; a row without a job was turned away.
  return 'writeBack' in record ? 'done' : 'rejected';
}

import { describe, expect, it } from 'vitest';
import { checkInvariants } from './invariants.ts';
import type { RunRecords } from './run-records.ts';

/** Three rows: two cards that were saved to Bloomreach, and one create whose result is unknown. */
const valid: RunRecords = {
  rows: 3,
  counters: {
    rows: 3,
    done: 2,
    skipped: 0,
    rejected: 0,
    failed: 0,
    unknown: 1,
    writeBacks: 2,
    writtenBack: 2,
    writeBackFailures: 0,
  },
  settled: 3,
  failed: new Map([[3, 'unknown']]),
  requested: new Set([1, 2, 3]),
  interruptions: [],
  cards: new Map([
    ['c-1', ['p-1']],
    ['c-2', ['p-2']],
  ]),
  savedCard: (customer) => ({ 'c-1': 'p-1', 'c-2': 'p-2' })[customer],
  leftover: 0,
  maxInFlight: 10,
};

const withCounters = (more: Partial<RunRecords['counters']>) => ({
  counters: { ...valid.counters, ...more },
});

const killOf = (...marked: number[]) => ({ at: 0, marked: new Set(marked) });

const allowed = { unknown: 1, unsent: 0 };

describe('checkInvariants', () => {
  it('accepts a valid run, whether or not the unknown card exists', () => {
    expect(checkInvariants(valid, allowed)).toMatchObject({
      lost: 0,
      duplicated: 0,
      falseDone: 0,
      problems: [],
    });
    const withCard = { ...valid, cards: new Map([...valid.cards, ['c-3', ['p-3']]]) };
    expect(checkInvariants(withCard, allowed).problems).toEqual([]);
  });

  it.each<[string, Partial<RunRecords>, string]>([
    ['a row that was not accepted', withCounters({ rows: 2 }), '2 rows were accepted instead of 3'],
    ['a row that is not settled', { settled: 2 }, '1 rows are not settled'],
    ['a row counted twice', withCounters({ done: 3 }), 'the counters add up to 4'],
    [
      'a counter that differs from the rows',
      withCounters({ done: 3, unknown: 0 }),
      'counter done is 3, but 2 rows are done',
    ],
    [
      'a failed row',
      {
        ...withCounters({ done: 1, failed: 1 }),
        failed: new Map([
          [2, 'failed'],
          [3, 'unknown'],
        ]),
      },
      '1 rows are failed',
    ],
    ['a lost write-back', withCounters({ writtenBack: 1 }), 'a write-back is neither delivered nor failed'],
    [
      'a second card',
      { cards: new Map([...valid.cards, ['c-2', ['p-2', 'p-4']]]) },
      '1 customers have more than one card, e.g. c-2',
    ],
    [
      'a card that was never made',
      { cards: new Map([['c-1', ['p-1']]]) },
      '1 rows are done without a card, e.g. row 2',
    ],
    [
      'a card that was not saved',
      { savedCard: () => 'p-1' },
      '1 cards were not saved to Bloomreach, e.g. the one of row 2',
    ],
    ['leftover jobs', { leftover: 1 }, '1 jobs or write-backs are left in Redis'],
    ['an eleventh call', { maxInFlight: 11 }, '11 calls were in flight'],
  ])('reports %s', (_, wrong, problem) => {
    expect(checkInvariants({ ...valid, ...wrong }, allowed).problems.join('\n')).toContain(problem);
  });

  it('reports an unknown row without a request, unless it was marked as sent at a kill', () => {
    const unsent = { ...valid, requested: new Set([1, 2]) };
    const one = { unknown: 1, unsent: 1 };
    expect(checkInvariants({ ...unsent, interruptions: [killOf(3)] }, one)).toMatchObject({
      unsent: 1,
      problems: [],
    });
    expect(checkInvariants({ ...unsent, interruptions: [killOf(2)] }, one).problems).toEqual([
      '1 unknown rows were never sent, and not marked as sent at a kill, e.g. row 3',
    ]);
    expect(checkInvariants({ ...unsent, interruptions: [killOf(3)] }, allowed).problems).toEqual([
      '1 unknown rows were never sent; at most 0 may be',
    ]);
  });

  it('reports a kill at which more creates were marked than may be in flight', () => {
    const rows = Array.from({ length: 21 }, (_, row) => row);
    expect(checkInvariants({ ...valid, interruptions: [killOf(...rows)] }, allowed).problems).toEqual([
      '21 creates were marked as sent at one kill',
    ]);
  });

  it('reports more unknown rows than the kills can explain', () => {
    expect(checkInvariants(valid, { ...allowed, unknown: 0 }).problems).toEqual([
      '1 rows are unknown; at most 0 may be',
    ]);
  });
});

/** The judge finds each kind of wrong. */

import { describe, expect, it } from 'vitest';
import type { Evidence } from './evidence.ts';
import { judge } from './judge.ts';

/** Three rows: two cards that came home, and one create of which nobody knows. */
const good: Evidence = {
  rows: 3,
  counters: {
    rows: 3,
    done: 2,
    skipped: 0,
    rejected: 0,
    failed: 0,
    unknown: 1,
    saves: 2,
    saved: 2,
    unsaved: 0,
  },
  ended: 3,
  failed: new Map([[3, 'unknown']]),
  cards: new Map([
    ['c-1', ['p-1']],
    ['c-2', ['p-2']],
  ]),
  saved: (customer) => ({ 'c-1': 'p-1', 'c-2': 'p-2' })[customer],
  left: 0,
  maxInFlight: 10,
};

const counting = (more: Partial<Evidence['counters']>) => ({ counters: { ...good.counters, ...more } });

describe('the judge', () => {
  it('lets a good run pass, whether or not the unknown card was made', () => {
    expect(judge(good, { unknown: 1 })).toMatchObject({ lost: 0, doubled: 0, falseDone: 0, problems: [] });
    const made = { ...good, cards: new Map([...good.cards, ['c-3', ['p-3']]]) };
    expect(judge(made, { unknown: 1 }).problems).toEqual([]);
  });

  it.each<[string, Partial<Evidence>, string]>([
    ['a row that was not accepted', counting({ rows: 2 }), '2 rows were accepted instead of 3'],
    ['a row that has not ended', { ended: 2 }, '1 rows have not ended'],
    ['a row counted twice', counting({ done: 3 }), 'the counters add up to 4'],
    [
      'a state that the rows do not bear out',
      counting({ done: 3, unknown: 0 }),
      'done says 3, by rows it is 2',
    ],
    [
      'a row that failed',
      {
        ...counting({ done: 1, failed: 1 }),
        failed: new Map([
          [2, 'failed'],
          [3, 'unknown'],
        ]),
      },
      '1 rows ended as failed',
    ],
    ['a write-back that is gone', counting({ saved: 1 }), 'a write-back is neither saved nor given up'],
    [
      'a second card',
      { cards: new Map([...good.cards, ['c-2', ['p-2', 'p-4']]]) },
      '1 customers have two cards, e.g. c-2',
    ],
    [
      'a card that was never made',
      { cards: new Map([['c-1', ['p-1']]]) },
      '1 rows are done without a card, e.g. 2',
    ],
    ['a card that did not come home', { saved: () => 'p-1' }, '1 cards did not come home, e.g. row 2'],
    ['jobs left over', { left: 1 }, '1 jobs or write-backs are left over'],
    ['an eleventh call', { maxInFlight: 11 }, '11 calls were in flight'],
  ])('finds %s', (_, wrong, sentence) => {
    expect(judge({ ...good, ...wrong }, { unknown: 1 }).problems.join('\n')).toContain(sentence);
  });

  it('finds more unknown than there could be', () => {
    expect(judge(good, { unknown: 0 }).problems).toEqual(['1 unknown, and 0 could be']);
  });
});

/** The bench's own arithmetic: what the stand-in server counts, and what becomes of it in a table. */

import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

// Scripts have no types; what is called here is spelt out.
const { makeTally } = (await import(resolve('scripts/bench/server/tally.mjs'))) as {
  makeTally: (heat: { warmUp: number; calls: number }) => {
    arrive(now: number): string | undefined;
    leave(now: number): void;
    created(customer: string, card: string): void;
    wroteBack(customer: string, card: string, now: number): string | undefined;
    figures(): Record<string, number | undefined>;
  };
};
const { median, spread } = (await import(resolve('scripts/bench/statistics.mjs'))) as {
  median: (numbers: number[]) => number;
  spread: (numbers: number[]) => unknown;
};
const { standingOf } = (await import(resolve('scripts/bench/standings.mjs'))) as {
  standingOf: (runs: unknown[], limits: unknown[], latencyMs: number) => Record<string, unknown> | undefined;
};
const { tableOf } = (await import(resolve('scripts/bench/table.mjs'))) as {
  tableOf: (rows: string[][]) => string;
};

describe('the tally', () => {
  it('has the clock run from the last warm-up call to the last call', () => {
    const tally = makeTally({ warmUp: 2, calls: 3 });
    const moments = [0, 1000, 1100, 1200, 1500].map((now) => tally.arrive(now));
    expect(moments).toEqual([undefined, 'begun', undefined, undefined, 'ended']);
    expect(tally.figures()).toMatchObject({ arrived: 5, callsPerSecond: 6, gapSeconds: 0.3 });
  });

  it('weighs calls in flight by time, and only while the clock runs', () => {
    const tally = makeTally({ warmUp: 1, calls: 2 });
    tally.arrive(0); // One call for 100 ms, two for 100, one for 200.
    tally.arrive(100);
    tally.leave(200);
    tally.arrive(400);
    tally.leave(9000);
    expect(tally.figures()).toMatchObject({ inFlight: 1.25, mostInFlight: 2 });
  });

  it('tells customers with two cards, and those of whom no card of theirs came home', () => {
    const tally = makeTally({ warmUp: 0, calls: 3 });
    for (const [customer, card] of [
      ['a', '1'],
      ['a', '2'],
      ['b', '3'],
    ] as const)
      tally.created(customer, card);
    expect(tally.wroteBack('a', '1', 10)).toBeUndefined();
    tally.wroteBack('a', '2', 10);
    tally.wroteBack('b', '1', 10);
    expect(tally.figures()).toMatchObject({ customers: 2, doubled: 1, lost: 2, repeated: 1, wrong: 1 });
  });

  it('is over with the last one that was missing', () => {
    const tally = makeTally({ warmUp: 1, calls: 1 });
    tally.arrive(0);
    tally.arrive(100);
    tally.created('a', '1');
    tally.created('b', '2');
    expect([tally.wroteBack('a', '1', 200), tally.wroteBack('b', '2', 1500)]).toEqual([undefined, 'home']);
    expect(tally.figures()).toMatchObject({ lost: 0, homeSeconds: 1.5 });
  });
});

describe('figures', () => {
  it('are medians with their spread', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    expect([spread([5, 1, 3]), spread([])]).toEqual([{ median: 3, least: 1, most: 5 }, undefined]);
  });

  it('compare each run with the limit of its own round, and leave failed runs out', () => {
    const figures = { mostInFlight: 10, peakBytes: 1, inFlight: 9, lost: 0, doubled: 0, wrong: 0 };
    const run = (round: number, callsPerSecond: number) => ({
      round,
      figures: { ...figures, callsPerSecond },
    });
    const runs = [run(0, 50), run(1, 90), { round: 2, problem: 'it ended' }];
    const standing = standingOf(runs, [run(0, 100), run(1, 100), run(2, 100)], 100);
    expect(standing).toMatchObject({
      rate: { median: 70 },
      share: { median: 0.7, least: 0.5, most: 0.9 },
      utilisation: 0.7,
      occupied: 0.9,
      failedRounds: 1,
    });
    expect(standingOf([{ round: 0, problem: 'it ended' }], [], 0)).toBeUndefined();
  });

  it('stand in columns, numbers on the right', () => {
    const rows = [
      ['a', 'bc'],
      ['def', '1'],
    ];
    expect(tableOf(rows).split('\n')).toEqual(['| a   | bc |', '| --- | -: |', '| def |  1 |']);
  });
});

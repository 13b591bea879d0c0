/** The calculations of the benchmarks: the counters of the stand-in server, summaries, tables and arguments. */

import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

// Scripts are JavaScript, so the functions under test are typed here.
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
const { tableOf } = (await import(resolve('scripts/bench/tables.mjs'))) as {
  tableOf: (rows: string[][]) => string;
};
const { benchmarks, parseCommand } = (await import(resolve('scripts/bench/commands.mjs'))) as {
  benchmarks: Record<string, unknown>;
  parseCommand: (args: string[]) => { help?: string; name?: string; values?: Record<string, unknown> };
};

describe('the tally', () => {
  it('runs the clock from the last warm-up call to the last call', () => {
    const tally = makeTally({ warmUp: 2, calls: 3 });
    const milestones = [0, 1000, 1100, 1200, 1500].map((now) => tally.arrive(now));
    expect(milestones).toEqual([undefined, 'started', undefined, undefined, 'finished']);
    expect(tally.figures()).toMatchObject({ arrived: 5, callsPerSecond: 6, gapSeconds: 0.3 });
  });

  it('averages calls in flight over time while the clock runs', () => {
    const tally = makeTally({ warmUp: 1, calls: 2 });
    tally.arrive(0); // One call for 100 ms, two for 100, one for 200.
    tally.arrive(100);
    tally.leave(200);
    tally.arrive(400);
    tally.leave(9000);
    expect(tally.figures()).toMatchObject({ inFlight: 1.25, maxInFlight: 2 });
  });

  it('counts customers with two cards and customers without a written-back card', () => {
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
    expect(tally.figures()).toMatchObject({ customers: 2, duplicated: 1, lost: 2, repeated: 1, wrong: 1 });
  });

  it('reports the last missing write-back', () => {
    const tally = makeTally({ warmUp: 1, calls: 1 });
    tally.arrive(0);
    tally.arrive(100);
    tally.created('a', '1');
    tally.created('b', '2');
    expect([tally.wroteBack('a', '1', 200), tally.wroteBack('b', '2', 1500)]).toEqual([
      undefined,
      'writtenBack',
    ]);
    expect(tally.figures()).toMatchObject({ lost: 0, writtenBackSeconds: 1.5 });
  });
});

describe('summaries', () => {
  it('report the median and the range', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    expect([spread([5, 1, 3]), spread([])]).toEqual([{ median: 3, min: 1, max: 5 }, undefined]);
  });

  it('compare each run with the limit of its own round and leave out failed runs', () => {
    const figures = { maxInFlight: 10, peakBytes: 1, inFlight: 9, lost: 0, duplicated: 0, wrong: 0 };
    const run = (round: number, callsPerSecond: number) => ({
      round,
      figures: { ...figures, callsPerSecond },
    });
    const runs = [run(0, 50), run(1, 90), { round: 2, problem: 'it exited' }];
    const standing = standingOf(runs, [run(0, 100), run(1, 100), run(2, 100)], 100);
    expect(standing).toMatchObject({
      rate: { median: 70 },
      share: { median: 0.7, min: 0.5, max: 0.9 },
      utilization: 0.7,
      occupied: 0.9,
      failedRounds: 1,
    });
    expect(standingOf([{ round: 0, problem: 'it exited' }], [], 0)).toBeUndefined();
  });

  it('are aligned in columns, numbers on the right', () => {
    const rows = [
      ['a', 'bc'],
      ['def', '1'],
    ];
    expect(tableOf(rows).split('\n')).toEqual(['| a   | bc |', '| --- | -: |', '| def |  1 |']);
  });
});

describe('npm run bench', () => {
  it('runs the race by default', () => {
    expect(parseCommand(['--quick'])).toMatchObject({ name: 'race', values: { quick: true, write: false } });
    expect(parseCommand([])).toMatchObject({ name: 'race', values: { quick: false } });
  });

  it('keeps the options of each benchmark', () => {
    expect(parseCommand(['campaign', '--rows', '500'])).toEqual({
      name: 'campaign',
      values: { rows: '500' },
    });
    expect(parseCommand(['profile', '--jobs', '50'])).toEqual({
      name: 'profile',
      values: { latency: '0', jobs: '50' },
    });
    expect(() => parseCommand(['webhooks', '--rows', '500'])).toThrow(/--rows/);
  });

  it('lists all benchmarks and the options of one', () => {
    for (const name of Object.keys(benchmarks)) expect(parseCommand(['--help']).help).toContain(`  ${name} `);
    expect(parseCommand(['webhooks', '-h']).help).toMatch(/--seconds N .*default: 20/);
  });

  it('rejects an unknown benchmark', () => {
    expect(() => parseCommand(['marathon'])).toThrow(
      '"marathon" is not a benchmark. Use one of race, campaign, webhooks, export, dashboard, profile.',
    );
  });
});

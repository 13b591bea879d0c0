/** The short part of the chaos runs; `npm run chaos` plays all of them at length. */

import { describe as suite, expect, it } from 'vitest';
import { play, type Scenario } from './scenario.ts';
import { scenarios } from './scenarios/all.ts';
import { describe } from './scorecard.ts';

const LONGEST_MS = 150_000;

const seed = Math.floor(Math.random() * 1_000_000);

function named(name: string): Scenario {
  const scenario = scenarios.find((known) => known.name === name);
  if (scenario === undefined) throw new Error(`no scenario is called ${name}`);
  return scenario;
}

suite('nothing is lost, doubled or falsely done', () => {
  it.concurrent.each([
    'crash: during-bulk-retry',
    'bad neighbour',
    'crash: while-feeding',
    'crash: request-sent',
    'crash: during-batch',
    'redis: kill -9',
    'pause, resume, stop, resume',
  ])(
    '%s',
    async (name) => {
      const result = await play(named(name), seed, 'short');
      expect(result.problems, describe(result, 'short')).toEqual([]);
      expect(result.done + result.unknown).toBe(result.rows);
    },
    LONGEST_MS,
  );

  it.concurrent(
    'and a double would be found: creates whose answer was lost are repeated',
    async () => {
      const careless = { ...named('crash: answer-received'), world: { env: { CREATE_ON_UNKNOWN: 'retry' } } };
      const result = await play(careless, seed, 'short');
      expect(result.doubled, describe(result, 'short')).toBeGreaterThan(0);
      expect(result.problems.join()).toContain('customers have two cards');
    },
    LONGEST_MS,
  );
});

/** The short chaos scenarios; `npm run chaos` runs all of them at full length. */

import { describe, expect, it } from 'vitest';
import { playScenario, type Scenario } from './scenario.ts';
import { scenarios } from './scenarios/all.ts';
import { formatResult } from './scorecard.ts';

/** Generous: all scenarios run at the same time. */
const TIMEOUT_MS = 600_000;

const seed = Math.floor(Math.random() * 1_000_000);

function scenarioNamed(name: string): Scenario {
  const scenario = scenarios.find((known) => known.name === name);
  if (scenario === undefined) throw new Error(`unknown scenario ${name}`);
  return scenario;
}

describe('no card is lost, duplicated or falsely reported as done', () => {
  it.concurrent.each([
    'crash: during-bulk-retry',
    'failing upstreams',
    'crash: while-feeding',
    'crash: request-sent',
    'crash: during-batch',
    'redis: kill -9',
    'pause, resume, stop, resume',
    'clocks: 1 h apart',
    'clocks: set in mid-run',
    'suspended',
    'suspended worker',
    'kills',
    'source fails',
    'newest data',
    'late imports',
    'every call answered 500',
    'every create answered 502',
  ])(
    '%s',
    async (name) => {
      const result = await playScenario(scenarioNamed(name), seed, 'short');
      expect(result.problems, formatResult(result, 'short')).toEqual([]);
      expect(result.done + result.unknown).toBe(result.rows);
    },
    TIMEOUT_MS,
  );

  it.concurrent(
    'detects duplicates if creates with a lost response are repeated',
    async () => {
      const scenario = scenarioNamed('crash: answer-received');
      const unsafe = { ...scenario, testbed: { env: { CREATE_ON_UNKNOWN: 'retry' } } };
      const result = await playScenario(unsafe, seed, 'short');
      expect(result.duplicated, formatResult(result, 'short')).toBeGreaterThan(0);
      expect(result.problems.join()).toContain('customers have more than one card');
    },
    TIMEOUT_MS,
  );
});

/** Several processes on one ledger at once: nothing is counted or made twice. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '../support/property-runs.ts';
import { openRedis, testPrefix } from '../support/redis.ts';
import { anyStep, customerOf, ROWS, type Step, take } from './ledger-steps.ts';
import { openLedgerUnderTest } from './ledger-under-test.ts';

const PROCESSES = 3;

/** Each process takes its own steps in sequence, in parallel to the others. */
const steps = fc.array(
  anyStep.filter((step) => step.do !== 'accept'),
  { maxLength: 40, size: 'max' },
);
const races = fc.array(steps, { minLength: PROCESSES, maxLength: PROCESSES });

interface Taken {
  step: Step;
  answer: unknown;
}

async function race(histories: readonly Step[][], prefix: string) {
  const ledgers = await Promise.all(
    connections.map((redis) => openLedgerUnderTest(redis, prefix, customerOf)),
  );
  const [judge] = ledgers;
  if (judge === undefined) throw new Error('no ledger');
  await judge.accept(ROWS, []);
  const taken: Taken[] = [];
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      const { rows, pending, writeBacks, writtenBack, writeBackFailures, ...states } = (await judge.view())
        .counters;
      const finals = Object.values(states).reduce((sum, count) => sum + count, 0);
      expect(finals + pending).toBe(rows);
      const open = writeBacks - writtenBack - writeBackFailures;
      expect(Math.min(pending, ...Object.values(states), open)).toBeGreaterThanOrEqual(0);
    }
  })();
  await Promise.all(
    histories.map(async (history, n) => {
      const ledger = ledgers[n] ?? judge;
      for (const step of history) taken.push({ step, answer: await take(ledger, step) });
    }),
  );
  over.abort();
  await watching;
  return { taken, view: await judge.view() };
}

let connections: ReturnType<typeof openRedis>[] = [];

describe('processes on one ledger', () => {
  it('settle each row once and count each once, at every moment', async () => {
    connections = Array.from({ length: PROCESSES }, openRedis);
    const prefix = testPrefix();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(races, async (histories) => {
        run += 1;
        const { taken, view } = await race(histories, `${prefix}:${run}`);
        const answersOf = (kind: Step['do'], row: number) =>
          taken.filter(({ step }) => step.do === kind && 'row' in step && step.row === row);
        let secondCards = 0;
        for (let row = 1; row <= ROWS; row += 1) {
          const count = (kind: Step['do'], expected: unknown) =>
            answersOf(kind, row).filter(({ answer }) => answer === expected).length;
          const second = count('settle', 'second-card');
          secondCards += second;
          // Each reopening allows one more settlement; a card may also replace a state without one.
          const open = count('settle', 'recorded') - count('reopen', true);
          const isEnded = view.ended.includes(row) ? 1 : 0;
          expect(open).toBeGreaterThanOrEqual(isEnded - second);
          const proofs = answersOf('settle', row).filter(
            ({ step, answer }) => step.do === 'settle' && step.end === 'done' && answer === 'recorded',
          ).length;
          expect(open).toBeLessThanOrEqual(isEnded + proofs);
        }
        const { done, writeBacks, writtenBack, writeBackFailures } = view.counters;
        expect(Math.abs(writeBacks - done)).toBeLessThanOrEqual(secondCards);
        expect(writeBackFailures).toBe(view.givenUp.length);
        expect(writtenBack + writeBackFailures + Object.keys(view.outbox).length).toBe(writeBacks);
      }),
      { numRuns: propertyRuns(60) },
    );
  });

  it('allow one create of a customer in flight when all claim at once', async () => {
    connections = Array.from({ length: PROCESSES }, openRedis);
    const prefix = testPrefix();
    for (let run = 0; run < 100; run += 1) {
      const claims = connections.map((_, n): Step[] => [
        { do: 'claim', row: n % 2 === 0 ? 1 : 1 + ROWS / 2 },
      ]);
      const { taken } = await race(claims, `${prefix}:${run}`);
      expect(taken.filter(({ answer }) => answer === 'go')).toHaveLength(1);
    }
  });
});

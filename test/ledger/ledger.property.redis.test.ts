/**
 * For any sequence of steps, the ledger answers like its model and holds the same data. A failure prints the shortened
 * steps with the seed and path that repeat it: `fc.assert(property, { seed, path })`.
 */

import * as fc from 'fast-check';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '../support/property-runs.ts';
import { openRedis, testPrefix } from '../support/redis.ts';
import { makeLedgerModel } from './ledger-model.ts';
import { anyStep, customerOf, ROWS, type Step, take } from './ledger-steps.ts';
import { type LedgerUnderTest, openLedgerUnderTest } from './ledger-under-test.ts';

let opened = 0;

function openLedger(redis: Redis, prefix: string): Promise<LedgerUnderTest> {
  opened += 1;
  return openLedgerUnderTest(redis, `${prefix}:${opened}`, customerOf);
}

/** Takes the steps on both and compares every answer, and the whole state at the end. */
async function compare(ledger: LedgerUnderTest, steps: readonly Step[]): Promise<void> {
  const model = makeLedgerModel(customerOf);
  for (const step of steps) {
    // Nothing happens to a row before it is accepted.
    if (step.do !== 'accept' && 'row' in step && !model.knows(step.row)) continue;
    expect(await take(ledger, step), JSON.stringify(step)).toEqual(await take(model, step));
    expect((await ledger.view()).counters, JSON.stringify(step)).toEqual(model.view().counters);
  }
  expect(await ledger.view()).toEqual(model.view());
}

/** Long sequences are as likely as short ones: giving up a write-back takes many steps. */
const histories = fc.array(anyStep, { maxLength: 80, size: 'max' });
const accepted: Step = { do: 'accept', row: ROWS, skipped: [] };

describe('the ledger', () => {
  it('behaves like its model', async () => {
    const redis = openRedis();
    const prefix = testPrefix();
    const same = fc.asyncProperty(histories, async (steps) =>
      compare(await openLedger(redis, prefix), [accepted, ...steps]),
    );
    await expect(fc.assert(same, { numRuns: propertyRuns(150) })).resolves.toBeUndefined();
  });

  it('is not changed by repeating a step, as after a crash', async () => {
    const redis = openRedis();
    const prefix = testPrefix();
    const repeatable = new Set([
      'accept',
      'settle',
      'reopen',
      'markQueued',
      'delivered',
      'giveUp',
      'retryWriteBack',
    ]);
    await fc.assert(
      fc.asyncProperty(histories, async (steps) => {
        const [once, twice] = [await openLedger(redis, prefix), await openLedger(redis, prefix)];
        for (const step of [accepted, ...steps]) {
          await take(once, step);
          await take(twice, step);
          if (repeatable.has(step.do)) await take(twice, step);
        }
        expect(await twice.view()).toEqual(await once.view());
      }),
      { numRuns: propertyRuns(50) },
    );
  });

  it.each<[string, (ledger: LedgerUnderTest) => Partial<LedgerUnderTest>]>([
    [
      'counts a row twice',
      (ledger) => ({ settle: async (...args) => (await ledger.settle(...args), 'recorded' as const) }),
    ],
    [
      'forgets the claims of creates',
      (ledger) => ({ claim: async (row) => (await ledger.release(row), ledger.claim(row)) }),
    ],
    ['drops a write-back when it is requeued', (ledger) => ({ requeue: (row) => ledger.delivered(row) })],
    ['reopens nothing', () => ({ reopen: async () => false })],
  ])('would fail this comparison if it %s', async (_, spoil) => {
    const redis = openRedis();
    const prefix = testPrefix();
    const found = await fc.check(
      fc.asyncProperty(histories, async (steps) => {
        const ledger = await openLedger(redis, prefix);
        await compare({ ...ledger, ...spoil(ledger) }, [accepted, ...steps]);
      }),
      { numRuns: 200, endOnFailure: true },
    );
    expect(found.failed).toBe(true);
  });
});

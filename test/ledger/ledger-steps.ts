/** Steps on a ledger as data, so that counterexamples are readable. */

import * as fc from 'fast-check';
import type { HaltedStatus } from '../../src/domain/campaigns/campaign.ts';
import type { End, LedgerModel } from './ledger-model.ts';
import type { LedgerUnderTest } from './ledger-under-test.ts';

export const ROWS = 6;

/** Two rows for each customer, so that their jobs conflict. */
export const customerOf = (row: number) => `c-${row % (ROWS / 2)}`;

export type Step =
  | { do: 'accept'; row: number; skipped: number[] }
  | { do: 'claim' | 'release' | 'park' | 'reopen' | 'markQueued'; row: number }
  | { do: 'delivered' | 'giveUp' | 'requeue' | 'retryWriteBack'; row: number }
  | { do: 'halt'; to: HaltedStatus }
  | { do: 'resume' | 'take' | 'expire' }
  | { do: 'settle'; row: number; end: End };

const row = fc.integer({ min: 1, max: ROWS });
const end = fc.constantFrom<End>('done', 'done', 'skipped', 'rejected', 'failed', 'unknown');

/** Claims and settlements are the most frequent steps. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('accept'), row, skipped: fc.array(row) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim'), row }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle'), row, end }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('release', 'park', 'reopen', 'markQueued'), row }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('halt'), to: fc.constantFrom('held', 'paused', 'stopped') }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('resume', 'take', 'expire') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('delivered', 'giveUp'), row }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('requeue', 'retryWriteBack'), row }) },
) as fc.Arbitrary<Step>;

/** Takes a step on the ledger or on its model. */
export async function take(ledger: LedgerModel | LedgerUnderTest, step: Step): Promise<unknown> {
  switch (step.do) {
    case 'accept':
      return ledger.accept(
        step.row,
        step.skipped.filter((skipped) => skipped <= step.row),
      );
    case 'settle':
      return ledger.settle(step.row, step.end);
    case 'halt':
      return ledger.halt(step.to);
    case 'resume':
    case 'take':
    case 'expire':
      return ledger[step.do]();
    case 'claim':
    case 'release':
    case 'park':
    case 'reopen':
    case 'markQueued':
    case 'delivered':
    case 'giveUp':
    case 'requeue':
    case 'retryWriteBack':
      return ledger[step.do](step.row);
  }
}

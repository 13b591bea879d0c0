/** What became of a row that is not done. */

import type { Discard } from '../failures/failed.ts';
import type { Failure } from '../failures/failure.ts';
import type { SkipReason } from '../jobs/outcome.ts';

export type RowResult =
  /** `attempts` is absent for a row that was turned away where it was read. */
  | { state: 'rejected' | 'failed' | 'unknown'; failure: Failure; attempts?: number; discard?: Discard }
  | { state: 'skipped'; reason: SkipReason }
  | { state: 'stopped' | 'pending' };

export const rowResultStates = ['rejected', 'failed', 'unknown', 'skipped', 'stopped', 'pending'] as const;

export type RowResultState = (typeof rowResultStates)[number];

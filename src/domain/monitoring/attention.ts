/** What waits for a decision: alerts that do not resolve themselves, and failures and unknown outcomes by cause. */

import type { FailureGroup } from '../failures/failure-group.ts';
import type { Alert, AlertCode } from './overview.ts';

export interface Attention {
  /** Most urgent first. */
  alerts: readonly Alert[];
  /** Most failures first. */
  groups: readonly FailureGroup[];
}

/** Resolve automatically, or are counted as failures: second cards have a cause of their own. */
const notCounted: ReadonlySet<AlertCode> = new Set([
  'PASSMACHINE_DOWN',
  'PASSMACHINE_RATE_LIMITED',
  'SECOND_CARDS',
]);

/** Returns the number of decisions: one for each alert and each cause. */
export function countAttention({ alerts, groups }: Attention): number {
  return alerts.filter(needsDecision).length + groups.length;
}

export function needsDecision({ code }: Alert): boolean {
  return !notCounted.has(code);
}

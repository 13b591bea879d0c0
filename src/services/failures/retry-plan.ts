/** Counts what a retry of a selection would send now, and what it would exclude: reads every record. */

import {
  type BulkActionOrder,
  exclusionFor,
  type ExclusionReason,
} from '../../domain/failures/bulk-action.ts';
import type { Stores } from '../stores.ts';
import { failuresOf, type Selection } from './selection.ts';

export interface RetryPlan {
  jobs: number;
  saves: number;
  excluded: Partial<Record<ExclusionReason, number>>;
  /** Ids of the campaigns with something to retry. */
  campaigns: string[];
}

/** Throws a `UserError` for an unknown campaign or code. */
export async function planRetry(
  stores: Pick<Stores, 'campaigns' | 'failures'>,
  selection: Selection,
  { unknown }: Pick<BulkActionOrder['filter'], 'unknown'>,
): Promise<RetryPlan> {
  const order = { kind: 'retry', filter: { unknown } } as const;
  const halted = new Map<string, boolean>();
  const isHalted = async (id: string): Promise<boolean> => {
    const known = halted.get(id) ?? (await stores.campaigns.find(id))?.halt !== undefined;
    halted.set(id, known);
    return known;
  };
  const plan: Omit<RetryPlan, 'campaigns'> = { jobs: 0, saves: 0, excluded: {} };
  const campaigns = new Set<string>();
  for await (const { campaign, record } of failuresOf(stores, selection)) {
    const reason = exclusionFor(order, record) ?? ((await isHalted(campaign)) ? 'not-running' : undefined);
    if (reason !== undefined) {
      plan.excluded[reason] = (plan.excluded[reason] ?? 0) + 1;
      continue;
    }
    plan['writeBack' in record ? 'saves' : 'jobs'] += 1;
    campaigns.add(campaign);
  }
  return { ...plan, campaigns: [...campaigns] };
}

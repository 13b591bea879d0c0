/** How much of a selection would be sent again now, and what would be left out: read, record by record. */

import { type BulkActionOrder, blockerOf, type LeftOutReason } from '../../domain/failures/bulk-action.ts';
import type { Stores } from '../stores.ts';
import { failuresOf, type Selection } from './selection.ts';

export interface RetryPlan {
  jobs: number;
  saves: number;
  leftOut: Partial<Record<LeftOutReason, number>>;
  /** Ids of those of which something is sent again. */
  campaigns: string[];
}

/** Throws a `UserError`. */
export async function planRetry(
  stores: Pick<Stores, 'campaigns' | 'failures'>,
  selection: Selection,
  { unknown }: Pick<BulkActionOrder['filter'], 'unknown'>,
): Promise<RetryPlan> {
  const act = { kind: 'retry', filter: { unknown } } as const;
  const halted = new Map<string, boolean>();
  const isHalted = async (id: string): Promise<boolean> => {
    const known = halted.get(id) ?? (await stores.campaigns.find(id))?.halt !== undefined;
    halted.set(id, known);
    return known;
  };
  const plan: Omit<RetryPlan, 'campaigns'> = { jobs: 0, saves: 0, leftOut: {} };
  const campaigns = new Set<string>();
  for await (const { campaign, record } of failuresOf(stores, selection)) {
    const blocker = blockerOf(act, record) ?? ((await isHalted(campaign)) ? 'halted' : undefined);
    if (blocker !== undefined) {
      plan.leftOut[blocker] = (plan.leftOut[blocker] ?? 0) + 1;
      continue;
    }
    plan['writeBack' in record ? 'saves' : 'jobs'] += 1;
    campaigns.add(campaign);
  }
  return { ...plan, campaigns: [...campaigns] };
}

/** Plans a retry of a selection: the bulk action to start, and what it would send and exclude now. Reads every record. */

import { exclusionFor, type ExclusionReason } from '../../domain/failures/bulk-action.ts';
import type { Stores } from '../stores.ts';
import type { BulkActionRequest } from './bulk-actions.ts';
import { causesOf, failuresOf, type Selection } from './selection.ts';

export interface RetryPlan {
  request: BulkActionRequest;
  jobs: number;
  /** Creates among them that may have made a card: each could make a second one. */
  unknown: number;
  writeBacks: number;
  excluded: Partial<Record<ExclusionReason, number>>;
  /** Ids of the campaigns with something to retry. */
  campaigns: string[];
}

/**
 * `unknown` includes creates that may have made a card: each could make a second one. Throws a `UserError`
 * for an unknown campaign or code.
 */
export async function planRetry(
  stores: Pick<Stores, 'campaigns' | 'failures'>,
  selection: Selection,
  unknown: boolean,
): Promise<RetryPlan> {
  const request = retryOf(selection, unknown);
  const halted = new Map<string, boolean>();
  const isHalted = async (id: string): Promise<boolean> => {
    const known = halted.get(id) ?? (await stores.campaigns.find(id))?.halt !== undefined;
    halted.set(id, known);
    return known;
  };
  const plan = { jobs: 0, unknown: 0, writeBacks: 0, excluded: {} as RetryPlan['excluded'] };
  const campaigns = new Set<string>();
  for await (const { campaign, record } of failuresOf(stores, selection)) {
    const reason = exclusionFor(request, record) ?? ((await isHalted(campaign)) ? 'not-running' : undefined);
    if (reason !== undefined) {
      plan.excluded[reason] = (plan.excluded[reason] ?? 0) + 1;
      continue;
    }
    plan['writeBack' in record ? 'writeBacks' : 'jobs'] += 1;
    if ('state' in record && record.state === 'unknown') plan.unknown += 1;
    campaigns.add(campaign);
  }
  return { ...plan, request, campaigns: [...campaigns] };
}

function retryOf(selection: Selection, unknown: boolean): BulkActionRequest {
  const { campaign } = selection;
  const causes = causesOf(selection);
  return {
    kind: 'retry',
    filter: {
      unknown,
      ...(campaign !== undefined && { campaign }),
      ...(causes !== undefined && { causes }),
    },
  };
}

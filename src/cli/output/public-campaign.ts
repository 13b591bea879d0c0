/** Campaigns and causes of failure as JSON prints them. */

import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { failureKinds, type FailureCount } from '../../domain/failures/failure.ts';

/** The fields of `--json`, in this order; scripts rely on them. */
const publicFields = [
  'id',
  'program',
  'action',
  'status',
  'rows',
  'done',
  'skipped',
  'rejected',
  'failed',
  'unknown',
  'stopped',
  'pending',
] as const satisfies (keyof Campaign)[];

/** Returns the counters and the status of a campaign. */
export function publicCampaign(campaign: Campaign) {
  return Object.fromEntries(publicFields.map((field) => [field, campaign[field]]));
}

/** Returns each cause of failure with its meaning and remedy. */
export function publicCauses(causes: readonly FailureCount[]) {
  return causes.map(({ code, count, examples }) => {
    const { meaning, remedy } = failureKinds[code];
    return { code, count, meaning, remedy, examples };
  });
}

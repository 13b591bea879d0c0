/** States as words on a colour; the word alone tells it. */

import type { CampaignStatus } from '../../../domain/campaigns/campaign.ts';
import type { TimelineEventKind } from '../../../domain/customers/timeline.ts';

export function Badge({ state }: { state: CampaignStatus | TimelineEventKind | 'neutral'; label?: string }) {
  return <span class={`badge state-${state}`}>{state}</span>;
}

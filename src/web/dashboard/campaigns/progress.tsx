/** Progress and throughput of a campaign. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import type { CampaignOverview } from '../../../domain/monitoring/overview.ts';
import { formatNumber, formatTimeLeft } from '../../../domain/presentation/format.ts';

/** Returns the number of rows in a final state. */
export function endedRows({ rows, pending, stopped }: Campaign): number {
  return rows - pending - stopped;
}

/** Rate and time left, if they are known. */
export function Throughput({ perSecond, finish }: Pick<CampaignOverview, 'perSecond' | 'finish'>) {
  return (
    <>
      {perSecond !== undefined && perSecond > 0 && ` · ${formatNumber(Math.round(perSecond * 10) / 10)}/s`}
      {finish !== undefined && ` · about ${formatTimeLeft(finish)} left`}
    </>
  );
}

/** Progress and throughput of a campaign. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import type { CampaignOverview } from '../../../domain/monitoring/overview.ts';
import { formatNumber, formatPercent, formatTimeLeft } from '../../../domain/presentation/format.ts';

/** Returns the number of rows in a final state. */
export function endedRows({ rows, pending, stopped }: Campaign): number {
  return rows - pending - stopped;
}

export function Progress({ ended, rows, label }: { ended: number; rows: number; label: string }) {
  return (
    <>
      <progress value={ended} max={Math.max(rows, 1)} aria-label={label} />
      <br />
      {formatNumber(ended)} of {formatNumber(rows)} rows{rows > 0 && ` (${formatPercent(ended / rows)})`}
    </>
  );
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

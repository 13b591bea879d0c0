/** How far a campaign is. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import type { CampaignNow } from '../../../domain/monitoring/overview.ts';
import { number, percent, timeLeftWords } from '../parts/wording.ts';

/** Rows that have come to an end of whatever kind. */
export function endedRows({ rows, pending, stopped }: Campaign): number {
  return rows - pending - stopped;
}

export function Progress({ ended, rows, label }: { ended: number; rows: number; label: string }) {
  return (
    <>
      <progress value={ended} max={Math.max(rows, 1)} aria-label={label} />
      <br />
      {number(ended)} of {number(rows)} rows{rows > 0 && ` (${percent(ended / rows)})`}
    </>
  );
}

/** How fast it goes and when it will be over, as far as that can be told. */
export function Throughput({ perSecond, finish }: Pick<CampaignNow, 'perSecond' | 'finish'>) {
  return (
    <>
      {perSecond !== undefined && `, ${perSecond.toFixed(1)} a second`}
      {finish !== undefined && `, ${timeLeftWords(finish)} left`}
    </>
  );
}

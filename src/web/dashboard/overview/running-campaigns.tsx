/** The campaigns that are not over, or only just are, with when they will be. */

import type { CampaignNow } from '../../../domain/monitoring/overview.ts';
import { Throughput } from '../campaigns/progress.tsx';
import { Badge } from '../parts/badge.tsx';
import { number } from '../parts/wording.ts';

export function RunningCampaigns({ campaigns }: { campaigns: readonly CampaignNow[] }) {
  if (campaigns.length === 0) return <p>None is running.</p>;
  return (
    <ul class="list-unstyled">
      {campaigns.map((campaign) => (
        <li key={campaign.id} class="mb-3">
          <a href={`/campaigns/${encodeURIComponent(campaign.id)}`}>{campaign.id}</a>{' '}
          <Badge state={campaign.status} />
          <HowFar campaign={campaign} />
        </li>
      ))}
    </ul>
  );
}

function HowFar({ campaign }: { campaign: CampaignNow }) {
  const { id, progress, rows, pending, stopped, byWebhook } = campaign;
  const ended = rows - pending - stopped;
  return (
    <>
      {progress !== undefined && !byWebhook && (
        <progress value={progress} max={1} aria-label={`Progress of ${id}`} />
      )}
      <div>
        {number(ended)} of {number(rows)} rows
        <Throughput {...campaign} />
      </div>
    </>
  );
}

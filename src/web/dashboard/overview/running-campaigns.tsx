/** Campaigns that run, wait or have just finished, each with its rows by state and its expected end. */

import type { CampaignOverview, Overview } from '../../../domain/monitoring/overview.ts';
import { hasWorkLeft, reasonsOf } from '../../../domain/monitoring/wait-reason.ts';
import { formatNumber } from '../../../domain/presentation/format.ts';
import { pathTo, routes } from '../../paths.ts';
import { Throughput } from '../campaigns/progress.tsx';
import { StackedBar, StateLegend } from '../charts/stacked-bar.tsx';
import { actionLabels, Badge } from '../parts/labels.tsx';

export function RunningCampaigns({ now: { campaigns, waits } }: { now: Overview }) {
  if (campaigns.length === 0) return <p class="muted">No campaigns are running.</p>;
  return (
    <ul class="rows">
      {campaigns.map((campaign) => (
        <RunningCampaign key={campaign.id} campaign={campaign} waits={waits} />
      ))}
    </ul>
  );
}

function RunningCampaign({ campaign, waits }: { campaign: CampaignOverview; waits: Overview['waits'] }) {
  const { id, action, program, status, rows, pending, stopped } = campaign;
  return (
    <li class="stack-tight">
      <div class="card-head">
        <span>
          <strong>
            <a href={pathTo(routes.campaign, { id })}>{id}</a>
          </strong>{' '}
          <span class="muted">
            {actionLabels[action]} · {program}
          </span>
        </span>
        <Badge state={status} />
      </div>
      <StackedBar counters={campaign} label={`Rows of ${id}`} />
      <div class="card-head small">
        <StateLegend counters={campaign} />
        <span class="muted number">
          {formatNumber(rows - pending - stopped)} of {formatNumber(rows)} rows
          <Throughput {...campaign} />
        </span>
      </div>
      <Waits campaign={campaign} waits={waits} />
    </li>
  );
}

/** Why a campaign with something left to do does not move. */
function Waits({ campaign, waits }: { campaign: CampaignOverview; waits: Overview['waits'] }) {
  if (!hasWorkLeft(campaign, campaign.byWebhook ? 'webhooks' : 'file')) return null;
  return (
    <>
      {reasonsOf(waits, campaign.id).map(({ cause, text }) => (
        <p key={cause} class="small muted">
          Waiting: {text}
        </p>
      ))}
    </>
  );
}

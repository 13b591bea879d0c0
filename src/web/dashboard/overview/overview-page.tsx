/** The overview: alerts, call slots, running campaigns, the backlog and call stats. */

import type {
  Alert,
  AlertCode,
  CampaignOverview,
  Overview,
  Slot,
} from '../../../domain/monitoring/overview.ts';
import { hasWorkLeft, reasonsOf } from '../../../domain/monitoring/wait-reason.ts';
import { formatNumber } from '../../../domain/presentation/format.ts';
import { pathTo, routes } from '../../paths.ts';
import { Throughput } from '../campaigns/progress.tsx';
import type { OverviewService } from '../dashboard-service.ts';
import type { Viewer } from '../layout.tsx';
import type { DashboardScope } from '../page.tsx';
import { actionLabels, Badge, Time } from '../parts/labels.tsx';
import { Backlog } from './backlog.tsx';
import { CallStats, ChartAssets } from './call-stats.tsx';
import { SpeedLimitForm } from './speed-limit.tsx';

/** Adds the page to a guarded scope. */
export function addOverviewPage({ addPage }: DashboardScope, service: OverviewService): void {
  addPage<Overview>({
    route: routes.overview,
    title: () => 'Overview',
    load: () => service.read(),
    live: (now, viewer) => (
      <>
        <h1>Overview</h1>
        <Alerts alerts={now.alerts} viewer={viewer} />
        <section aria-labelledby="slots">
          <h2 id="slots">Calls to Passmachine</h2>
          <Slots slots={now.slots} viewer={viewer} />
        </section>
        <div class="row mt-3">
          <section class="col-lg-6" aria-labelledby="running-campaigns">
            <h2 id="running-campaigns">Campaigns</h2>
            <RunningCampaigns now={now} />
          </section>
          <section class="col-lg-6" aria-labelledby="backlog">
            <h2 id="backlog">Backlog and upstreams</h2>
            <Backlog now={now} viewer={viewer} />
          </section>
        </div>
        <section class="mt-3" aria-labelledby="call-stats">
          <h2 id="call-stats">Last hour</h2>
          <CallStats rates={now.rates.passmachine} viewer={viewer} />
        </section>
      </>
    ),
    fixed: (now, viewer) => (
      <>
        <ChartAssets />
        <SpeedLimitForm limits={now.limits} viewer={viewer} />
      </>
    ),
  });
}

function Alerts({ alerts, viewer }: { alerts: readonly Alert[]; viewer: Viewer }) {
  if (alerts.length === 0) return null;
  return (
    <div role="alert">
      {alerts.map((alert) => (
        <p key={`${alert.code} ${alert.about}`} class="alert alert-danger">
          <strong>{alert.text}</strong> {alert.remedy}
          {alert.since !== undefined && (
            <>
              {' '}
              Since <Time at={alert.since} zone={viewer.zone} />.
            </>
          )}
          <AlertLink alert={alert} />
        </p>
      ))}
    </div>
  );
}

/** Alerts about a campaign. */
const campaignAlerts: ReadonlySet<AlertCode> = new Set([
  'CAMPAIGN_HELD',
  'CAMPAIGN_UNREADABLE',
  'SECOND_CARDS',
]);

/** The page where an operator can resolve the alert, if there is one. */
function AlertLink({ alert: { code, about } }: { alert: Alert }) {
  if (campaignAlerts.has(code) && about !== undefined) {
    return (
      <>
        {' '}
        <a href={pathTo(routes.campaign, { id: about })}>Review campaign</a>
      </>
    );
  }
  if (code !== 'SCHEDULE_MISSED_RUNS') return null;
  return (
    <>
      {' '}
      <a href={routes.schedules}>Decide</a>
    </>
  );
}

const slotLabels: Readonly<Record<Slot['state'], string>> = {
  busy: 'Busy',
  idle: 'Idle',
  waiting: 'Rate-limited by Passmachine (429)',
  breaker: 'Paused: Passmachine is down',
};

function Slots({ slots, viewer: { zone } }: { slots: readonly Slot[]; viewer: Viewer }) {
  return (
    <ol class="slots">
      {slots.map((slot, index) => (
        <li key={index} class={`slot slot-${slot.state}`}>
          <span class="text-secondary">{index + 1}</span> <strong>{slotLabels[slot.state]}</strong>
          <br />
          {slot.state === 'busy' && (
            <>
              {slot.action}, <a href={pathTo(routes.campaign, { id: slot.campaign })}>{slot.campaign}</a> row{' '}
              {formatNumber(slot.row)}
            </>
          )}
          {(slot.state === 'waiting' || slot.state === 'breaker') && (
            <>
              {slot.state === 'waiting' ? 'resumes' : 'next check'}{' '}
              <Time at={slot.until} zone={zone} seconds />
            </>
          )}
        </li>
      ))}
    </ol>
  );
}

/** Campaigns that run, wait or have just finished. */
function RunningCampaigns({ now: { campaigns, waits } }: { now: Overview }) {
  if (campaigns.length === 0) return <p>No campaigns are running.</p>;
  return (
    <ul class="list-unstyled">
      {campaigns.map((campaign) => {
        const { id, action, status, progress, rows, pending, stopped, byWebhook } = campaign;
        return (
          <li key={id} class="mb-3">
            <a href={pathTo(routes.campaign, { id })}>{id}</a> <Badge state={status} />{' '}
            <span class="text-secondary">{actionLabels[action]}</span>
            {progress !== undefined && !byWebhook && (
              <progress value={progress} max={1} aria-label={`Progress of ${id}`} />
            )}
            <div>
              {formatNumber(rows - pending - stopped)} of {formatNumber(rows)} rows
              <Throughput {...campaign} />
            </div>
            <Waits campaign={campaign} waits={waits} />
          </li>
        );
      })}
    </ul>
  );
}

/** Why a campaign with something left to do does not move. */
function Waits({ campaign, waits }: { campaign: CampaignOverview; waits: Overview['waits'] }) {
  if (!hasWorkLeft(campaign, campaign.byWebhook ? 'webhooks' : 'file')) return null;
  return (
    <>
      {reasonsOf(waits, campaign.id).map(({ cause, text }) => (
        <div key={cause} class="text-secondary">
          Waiting: {text}
        </div>
      ))}
    </>
  );
}

/** How everything is at this moment: what is wrong first, then the slots, the pace, what waits, and the campaigns. */

import type { Alert, Now } from '../../../domain/monitoring/overview.ts';
import type { OverviewService } from '../dashboard-service.ts';
import type { Reader } from '../layout.tsx';
import type { DashboardScope } from '../page.tsx';
import { Moment } from '../parts/moment.tsx';
import { RunningCampaigns } from './running-campaigns.tsx';
import { Slots } from './slots.tsx';
import { LimitDial, CallStats } from './call-stats.tsx';
import { Waiting } from './waiting.tsx';

/** Adds it to a guarded scope. */
export function addNowPage({ addPage }: DashboardScope, service: OverviewService): void {
  addPage<Now>({
    path: '/',
    title: () => 'Now',
    load: () => service.now(),
    live: (now, reader) => (
      <>
        <h1>Now</h1>
        <Alerts alerts={now.alerts} reader={reader} />
        <section aria-labelledby="slots">
          <h2 id="slots">Calls to Passmachine</h2>
          <Slots slots={now.slots} reader={reader} />
        </section>
        <div class="row mt-3">
          <section class="col-lg-6" aria-labelledby="campaigns-now">
            <h2 id="campaigns-now">Campaigns</h2>
            <RunningCampaigns campaigns={now.campaigns} />
          </section>
          <section class="col-lg-6" aria-labelledby="waiting">
            <h2 id="waiting">What waits, and both sides</h2>
            <Waiting now={now} reader={reader} />
          </section>
        </div>
        <section class="mt-3" aria-labelledby="callStats">
          <h2 id="callStats">The last hour</h2>
          <CallStats rates={now.rates.passmachine} reader={reader} />
        </section>
      </>
    ),
    fixed: (now, reader) => <LimitDial limits={now.limits} reader={reader} />,
  });
}

/** Nothing at all while nothing is wrong. */
function Alerts({ alerts, reader }: { alerts: readonly Alert[]; reader: Reader }) {
  if (alerts.length === 0) return null;
  return (
    <div role="alert">
      {alerts.map(({ code, text, remedy, since, about }) => (
        <p key={`${code} ${about}`} class="alert alert-danger">
          <strong>{text}</strong> {remedy}
          {since !== undefined && (
            <>
              {' '}
              Since <Moment at={since} zone={reader.zone} />.
            </>
          )}
          {code === 'CAMPAIGN_HELD' && about !== undefined && (
            <>
              {' '}
              <a href={`/campaigns/${encodeURIComponent(about)}`}>Look at it</a>
            </>
          )}
          {code === 'SCHEDULE_ASKS' && (
            <>
              {' '}
              <a href="/schedules">Answer</a>
            </>
          )}
        </p>
      ))}
    </div>
  );
}

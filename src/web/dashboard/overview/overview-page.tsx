/** The overview, ordered by question: is all well, what needs me, what is running, what ran last night, how fast. */

import { countAttention, type Attention } from '../../../domain/monitoring/attention.ts';
import type { Overview } from '../../../domain/monitoring/overview.ts';
import { formatCount } from '../../../domain/presentation/format.ts';
import type { ScheduleView } from '../../../domain/schedules/schedule-view.ts';
import { routes } from '../../paths.ts';
import { NewCampaign } from '../campaigns/campaign-list.tsx';
import { CallCharts } from '../charts/call-charts.tsx';
import type { DashboardService } from '../dashboard-service.ts';
import type { Viewer } from '../layout.tsx';
import type { DashboardScope } from '../page.tsx';
import { CallSlots } from './call-slots.tsx';
import { AlertDecision, CauseDecision } from './decisions.tsx';
import { RecentRuns } from './recent-runs.tsx';
import { RunningCampaigns } from './running-campaigns.tsx';
import { Verdict } from './verdict.tsx';

interface OverviewData {
  now: Overview;
  attention: Attention;
  schedules: readonly ScheduleView[];
}

/** Adds the page to a guarded scope. */
export function addOverviewPage(
  { addPage }: DashboardScope,
  { overview, attention, schedules }: Pick<DashboardService, 'overview' | 'attention' | 'schedules'>,
): void {
  addPage<OverviewData>({
    route: routes.overview,
    title: () => 'Overview',
    async load() {
      const [now, { groups }, views] = await Promise.all([
        overview.read(),
        attention.read(),
        schedules.list(),
      ]);
      // The alerts of this moment, not those of the shared reading.
      return { now, attention: { alerts: now.alerts, groups }, schedules: views };
    },
    live: (data, viewer) => <OverviewContent {...data} viewer={viewer} />,
  });
}

function OverviewContent({ now, attention, schedules, viewer }: OverviewData & { viewer: Viewer }) {
  return (
    <>
      <div class="page-head">
        <Verdict now={now} attention={attention} viewer={viewer} />
        <NewCampaign viewer={viewer} />
      </div>
      <Decisions now={now} attention={attention} viewer={viewer} />
      <div class="main-and-aside">
        <div class="stack">
          <section class="card" aria-labelledby="running-campaigns">
            <div class="card-head">
              <h2 id="running-campaigns">Campaigns</h2>
              <a href={routes.campaigns}>All campaigns</a>
            </div>
            <RunningCampaigns now={now} />
          </section>
          <section class="card" aria-labelledby="throughput">
            <h2 id="throughput">Last hour</h2>
            <CallCharts rates={now.rates.passmachine} zone={viewer.zone} />
          </section>
        </div>
        <div class="stack">
          <section class="card" aria-labelledby="slots">
            <div class="card-head">
              <h2 id="slots">Calls to Passmachine</h2>
              <a href={routes.settings}>Limits</a>
            </div>
            <CallSlots slots={now.slots} viewer={viewer} />
          </section>
          <section class="card" aria-labelledby="recent-runs">
            <div class="card-head">
              <h2 id="recent-runs">Schedules, last 24 hours</h2>
              <a href={routes.schedules}>All schedules</a>
            </div>
            <RecentRuns schedules={schedules} now={now.at} viewer={viewer} />
          </section>
        </div>
      </div>
    </>
  );
}

/** Cards on this page; the rest is on the page of what needs attention. */
const MAX_CARDS = 6;

function Decisions({ now, attention, viewer }: Omit<OverviewData, 'schedules'> & { viewer: Viewer }) {
  const { alerts, groups } = attention;
  if (alerts.length + groups.length === 0) return null;
  const shownGroups = groups.slice(0, Math.max(MAX_CARDS - alerts.length, 1));
  const hidden = groups.length - shownGroups.length;
  return (
    <section class="card card-flush" aria-label="Needs attention">
      {alerts.map((alert) => (
        <AlertDecision
          key={`${alert.code} ${alert.about}`}
          alert={alert}
          campaigns={now.campaigns}
          viewer={viewer}
        />
      ))}
      {shownGroups.map((group) => (
        <CauseDecision key={group.cause.id} group={group} viewer={viewer} />
      ))}
      {hidden > 0 && (
        <p class="decision-more">
          <a href={routes.attention}>
            {formatCount(hidden, 'more cause')} of {formatCount(countAttention(attention), 'item')}
          </a>
        </p>
      )}
    </section>
  );
}

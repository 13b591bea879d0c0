/** Settings: the speed limits, the connections to both upstreams, and the way to operators and diagnostics. */

import type { Overview } from '../../../domain/monitoring/overview.ts';
import { hasRole } from '../../../domain/operators/operator.ts';
import { routes } from '../../paths.ts';
import type { OverviewService } from '../dashboard-service.ts';
import type { Viewer } from '../layout.tsx';
import type { DashboardScope } from '../page.tsx';
import { Connections, Processes } from './connections.tsx';
import { addSpeedLimitRoute, SpeedLimitForm } from './speed-limit.tsx';

/** Adds the page and the route of its form to a guarded scope. */
export function addSettingsPages(dashboard: DashboardScope, service: OverviewService): void {
  dashboard.addPage<Overview>({
    route: routes.settings,
    title: () => 'Settings',
    load: () => service.read(),
    live: (now, viewer) => (
      <>
        <h1>Settings</h1>
        <div class="columns">
          <section class="card" aria-labelledby="connections">
            <h2 id="connections">Connections</h2>
            <Connections now={now} viewer={viewer} />
          </section>
          <section class="card" aria-labelledby="processes">
            <h2 id="processes">Processes</h2>
            <Processes now={now} viewer={viewer} />
          </section>
        </div>
      </>
    ),
    fixed: ({ limits }, viewer) => (
      <div class="columns">
        <SpeedLimitForm limits={limits} viewer={viewer} />
        <section class="card" aria-labelledby="operators">
          <h2 id="operators">Operators and diagnostics</h2>
          <Access viewer={viewer} />
        </section>
      </div>
    ),
  });
  addSpeedLimitRoute(dashboard, service);
}

const permissions = {
  viewer: 'You can see everything but customers’ data. Changes need the Operator role.',
  operator: 'You can start and control campaigns, retry failures, run schedules and set the speed limit.',
  admin: 'You can do everything, and see the diagnostics.',
} as const;

function Access({ viewer: { operator } }: { viewer: Viewer }) {
  const { name, role } = operator;
  return (
    <>
      <p>
        You are signed in as <strong>{name}</strong>. {permissions[role]}
      </p>
      <p class="muted">
        Operators are managed on the server: <code>passbridge operators add NAME --role operator</code>.
      </p>
      <div class="actions">
        {hasRole(role, 'admin') && (
          <a class="btn" href={routes.diagnostics}>
            Diagnostics
          </a>
        )}
        <a class="btn" href="/api/docs">
          API
        </a>
      </div>
    </>
  );
}

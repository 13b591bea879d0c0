/** Cards for what needs a decision, each with its buttons: an alert, or a cause of failures. */

import { failureKinds } from '../../../domain/failures/failure.ts';
import type { FailureGroup } from '../../../domain/failures/failure-group.ts';
import { needsDecision } from '../../../domain/monitoring/attention.ts';
import type { Alert, AlertCode, CampaignOverview } from '../../../domain/monitoring/overview.ts';
import { hasRole } from '../../../domain/operators/operator.ts';
import { formatCount, formatNumber } from '../../../domain/presentation/format.ts';
import { pathTo, routes } from '../../paths.ts';
import { resultsPath } from '../campaigns/results.tsx';
import type { Viewer } from '../layout.tsx';
import { ActionForm, CsrfField } from '../parts/forms.tsx';
import { Time } from '../parts/labels.tsx';

interface AlertDecisionProps {
  alert: Alert;
  campaigns: readonly CampaignOverview[];
  viewer: Viewer;
}

export function AlertDecision({ alert, campaigns, viewer }: AlertDecisionProps) {
  const { text, remedy, since } = alert;
  return (
    <div class={`decision ${needsDecision(alert) ? '' : 'decision-problem'}`} role="alert">
      <div>
        <h2>{text}</h2>
        <p>
          {remedy}
          {since !== undefined && (
            <>
              {' '}
              Since <Time at={since} zone={viewer.zone} />.
            </>
          )}
        </p>
      </div>
      <AlertActions alert={alert} campaigns={campaigns} viewer={viewer} />
    </div>
  );
}

/** Alerts about a campaign. */
const campaignAlerts: ReadonlySet<AlertCode> = new Set([
  'CAMPAIGN_HELD',
  'CAMPAIGN_UNREADABLE',
  'SECOND_CARDS',
]);

function AlertActions({ alert: { code, about }, campaigns, viewer }: AlertDecisionProps) {
  const isOperator = hasRole(viewer.operator.role, 'operator');
  if (code === 'PASSMACHINE_RATE_LIMITED' && isOperator) return <OpenGate csrfToken={viewer.csrfToken} />;
  if (about === undefined) return null;
  const form = { csrfToken: viewer.csrfToken, about };
  if (code === 'SCHEDULE_MISSED_RUNS') {
    return (
      <div class="actions">
        {isOperator && (
          <>
            <ActionForm
              to={pathTo(routes.scheduleRun, { name: about })}
              label="Run once now"
              tone="primary"
              {...form}
            />
            <ActionForm to={pathTo(routes.scheduleSkip, { name: about })} label="Skip" {...form} />
          </>
        )}
        <a class="btn btn-quiet" href={routes.schedules}>
          View schedule<span class="visually-hidden"> {about}</span>
        </a>
      </div>
    );
  }
  if (!campaignAlerts.has(code)) return null;
  const held = campaigns.find(({ id }) => id === about);
  return (
    <div class="actions">
      {code === 'CAMPAIGN_HELD' && isOperator && (
        <ActionForm
          to={pathTo(routes.campaignResume, { id: about })}
          label={
            held?.halt?.kind === 'canary'
              ? `Continue with the remaining ${formatNumber(held.pending)}`
              : 'Resume'
          }
          tone="primary"
          {...form}
        />
      )}
      <a class="btn" href={pathTo(routes.campaign, { id: about })}>
        Review campaign<span class="visually-hidden"> {about}</span>
      </a>
    </div>
  );
}

/** Ends the pause that Passmachine asked for. */
function OpenGate({ csrfToken }: { csrfToken: string | undefined }) {
  return (
    <form class="actions" method="post" action={routes.speedLimit}>
      <CsrfField token={csrfToken} />
      <button class="btn" type="submit" name="step" value="open-gate">
        Resume paused calls
      </button>
    </form>
  );
}

export function CauseDecision({ group, viewer }: { group: FailureGroup; viewer: Viewer }) {
  const { cause, count, unknown, campaigns } = group;
  const { meaning, remedy } = failureKinds[cause.code];
  const [first] = campaigns;
  return (
    <div class={`decision ${unknown ? 'decision-unknown' : 'decision-failure'}`}>
      <div>
        <h2>
          {formatCount(count, 'customer')}: {meaning}
        </h2>
        <p>
          {remedy}{' '}
          {first !== undefined && (
            <>
              In <a href={pathTo(routes.campaign, { id: first.id })}>{first.id}</a>
              {campaigns.length > 1 && ` and ${formatCount(campaigns.length - 1, 'other campaign')}`}.
            </>
          )}
        </p>
      </div>
      <CauseActions group={group} viewer={viewer} />
    </div>
  );
}

function CauseActions({
  group: { cause, count, unknown, retryable, kind, campaigns },
  viewer,
}: {
  group: FailureGroup;
  viewer: Viewer;
}) {
  const isOperator = hasRole(viewer.operator.role, 'operator');
  const params = { cause: cause.id };
  const about = <span class="visually-hidden">: {cause.pattern}</span>;
  const [first] = campaigns;
  return (
    <div class="actions">
      {isOperator && retryable && !unknown && (
        <a class="btn btn-primary" href={pathTo(routes.causeRetry, params)}>
          Retry {formatCount(count, 'customer')}…{about}
        </a>
      )}
      {isOperator && kind === 'row' && first !== undefined && (
        <a class="btn btn-primary" href={resultsPath(first.id, ['rejected'])}>
          Download rejected rows{about}
        </a>
      )}
      <a class={`btn ${unknown ? 'btn-primary' : ''}`} href={pathTo(routes.cause, params)}>
        {unknown ? `Check ${formatCount(count, 'customer')} at Passmachine` : 'View failures'}
        {about}
      </a>
    </div>
  );
}

/** One campaign: what it does, its progress and results, and its actions. */

import { basename } from 'node:path';
import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import type { FailureCount } from '../../../domain/failures/failure.ts';
import type { CampaignOverview } from '../../../domain/monitoring/overview.ts';
import { describeWait, type CampaignWait } from '../../../domain/monitoring/wait-reason.ts';
import { hasRole } from '../../../domain/operators/operator.ts';
import { formatCount, formatNumber, formatPercent } from '../../../domain/presentation/format.ts';
import { pathTo, routes } from '../../paths.ts';
import { StackedBar } from '../charts/stacked-bar.tsx';
import type { Viewer } from '../layout.tsx';
import { ActionForm } from '../parts/forms.tsx';
import { actionLabels, Badge, stateLabels, Time } from '../parts/labels.tsx';
import { PlannedActions } from './planned-actions.tsx';
import { endedRows, Throughput } from './progress.tsx';
import { CampaignCauses, Counters, Downloads } from './results.tsx';

export interface CampaignData {
  campaign: Campaign;
  causes: readonly FailureCount[];
  /** Whether its program has changed since it started. */
  isOutdated: boolean;
  throughput: Pick<CampaignOverview, 'perSecond' | 'finish'>;
  /** Why it does not move. */
  waits: readonly CampaignWait[];
}

export function CampaignPage(data: CampaignData & { viewer: Viewer }) {
  const { campaign, causes, isOutdated, throughput, waits, viewer } = data;
  const { id, program, status, rows } = campaign;
  return (
    <>
      <div>
        <h1>
          {id} <Badge state={status} />
        </h1>
        <Summary campaign={campaign} viewer={viewer} />
      </div>
      {hasRole(viewer.operator.role, 'operator') && <Actions {...data} />}
      <HaltNotice campaign={campaign} viewer={viewer} />
      <FeedNotice campaign={campaign} viewer={viewer} />
      <WaitNotices waits={waits} />
      {isOutdated && status !== 'finished' && (
        <p>
          The program {program} has changed since this campaign started. The campaign still uses the old
          version.
        </p>
      )}
      <section class="card" aria-label="Progress">
        <StackedBar counters={campaign} label="Rows" />
        <p>
          {formatNumber(endedRows(campaign))} of {formatNumber(rows)} rows
          {rows > 0 && ` (${formatPercent(endedRows(campaign) / rows)})`}
          <Throughput {...throughput} />
        </p>
      </section>
      <div class="columns">
        <section class="card" aria-labelledby="counters">
          <h2 id="counters">Rows</h2>
          <Counters campaign={campaign} />
          <Downloads campaign={campaign} />
        </section>
        <section class="card" aria-labelledby="causes">
          <h2 id="causes">Failures by cause</h2>
          <CampaignCauses campaign={id} causes={causes} />
        </section>
      </div>
    </>
  );
}

function Summary({ campaign, viewer: { zone, operator } }: { campaign: Campaign; viewer: Viewer }) {
  const { status, action, program, source, schedule, createdAt, startAt, text, useBy, where, isTest } =
    campaign;
  return (
    <p class="lede">
      {isTest === true && 'test send · '}
      {actionLabels[action]} · {program} · <SourceName source={source} operator={operator} /> ·{' '}
      {status === 'planned' ? 'starts' : 'started'} <Time at={startAt ?? createdAt} zone={zone} />
      {schedule !== undefined && ` by the schedule ${schedule}`}
      {useBy !== undefined && (
        <>
          {' '}
          · sends until <Time at={useBy} zone={zone} />
        </>
      )}
      {where !== undefined && (
        <>
          {' '}
          · only customers matching <code>{where}</code>
        </>
      )}
      {text !== undefined && ` · “${text}”`}
    </p>
  );
}

function SourceName({ source, operator }: Pick<Campaign, 'source'> & Pick<Viewer, 'operator'>) {
  if (source.kind === 'webhooks') return <>customers from webhooks</>;
  if (source.from !== undefined) return <>@{source.from}</>;
  // As in the API: viewers do not learn where a file lies.
  if (!hasRole(operator.role, 'operator')) return <>a file</>;
  return <span title={source.path}>{basename(source.path)}</span>;
}

/** `by` of a halt without an operator. */
const AUTOMATIC = 'passbridge';

function HaltNotice({
  campaign: { status, halt },
  viewer: { zone },
}: {
  campaign: Campaign;
  viewer: Viewer;
}) {
  if (halt === undefined) return null;
  return (
    <p class="alert alert-warning" role="status">
      {stateLabels[status]} {halt.by === AUTOMATIC ? 'automatically' : `by ${halt.by}`},{' '}
      <Time at={halt.at} zone={zone} />
      {halt.reason !== '' && `: ${halt.reason}`}
    </p>
  );
}

function FeedNotice({ campaign: { feedProblem }, viewer: { zone } }: { campaign: Campaign; viewer: Viewer }) {
  if (feedProblem === undefined) return null;
  return (
    <p class="alert alert-warning" role="status">
      The next rows cannot be read since <Time at={feedProblem.since} zone={zone} />, in{' '}
      {formatCount(feedProblem.attempts, 'attempt')}. The next one follows within 30 seconds.{' '}
      {feedProblem.reason}
    </p>
  );
}

/** An unreadable source has a notice of its own. */
function WaitNotices({ waits }: { waits: readonly CampaignWait[] }) {
  return (
    <>
      {waits
        .filter(({ cause }) => cause !== 'source-unreadable')
        .map((wait) => (
          <p key={wait.cause} class="alert alert-warning" role="status">
            {describeWait(wait)}
          </p>
        ))}
    </>
  );
}

function Actions({
  campaign: { id, status, halt, pending, startAt = 0 },
  isOutdated,
  viewer,
}: Pick<CampaignData, 'campaign' | 'isOutdated'> & { viewer: Viewer }) {
  if (status === 'finished') return null;
  if (status === 'planned') return <PlannedActions id={id} startAt={startAt} viewer={viewer} />;
  const form = { csrfToken: viewer.csrfToken, about: id };
  const resume = halt?.kind === 'canary' ? `Continue with the remaining ${formatNumber(pending)}` : 'Resume';
  return (
    <div class="actions">
      {status === 'running' ? (
        <>
          <ActionForm to={pathTo(routes.campaignPause, { id })} label="Pause" tone="warning" {...form} />
          <a class="btn" href={pathTo(routes.campaignPause, { id })}>
            Pause with a reason…
          </a>
        </>
      ) : (
        <>
          <ActionForm to={pathTo(routes.campaignResume, { id })} label={resume} tone="primary" {...form} />
          <a class="btn" href={pathTo(routes.campaignResume, { id })}>
            Resume with a reason…
          </a>
        </>
      )}
      {status !== 'running' && isOutdated && (
        <ActionForm
          to={pathTo(routes.campaignResumeLatest, { id })}
          label="Resume with the current program"
          {...form}
        />
      )}
      {status !== 'stopped' && (
        <a class="btn btn-caution" href={pathTo(routes.campaignStop, { id })}>
          Stop campaign…
        </a>
      )}
      <a class="btn btn-quiet" href={`${routes.settings}#speed-limit`}>
        Change speed limit…
      </a>
    </div>
  );
}

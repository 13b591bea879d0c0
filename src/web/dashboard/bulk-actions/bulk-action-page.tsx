/** One bulk action: its order, its progress, and the failures that it excluded. */

import {
  type BulkAction,
  type BulkActionStatus,
  type ExcludedFailure,
  type ExclusionReason,
  exclusionReasons,
  retryResultOf,
} from '../../../domain/failures/bulk-action.ts';
import type { EditRule } from '../../../domain/failures/edit-rule.ts';
import { hasRole } from '../../../domain/operators/operator.ts';
import { formatCount, formatNumber } from '../../../domain/presentation/format.ts';
import { pathTo, routes } from '../../paths.ts';
import { excludedFor } from '../failures/masking.ts';
import type { Viewer } from '../layout.tsx';
import { ActionForm } from '../parts/forms.tsx';
import { Time } from '../parts/labels.tsx';

export const kindLabels = { retry: 'Retry', discard: 'Discard', edit: 'Edit and retry' } as const;

const statusLabels: Readonly<Record<BulkActionStatus, string>> = {
  waiting: 'Waiting',
  running: 'Running',
  cancelled: 'Canceled',
  ended: 'Finished',
};

/** An action that has queued everything is not finished before what it queued is. */
export function describeStatus(bulkAction: BulkAction): string {
  const { status } = bulkAction;
  return status === 'ended' && retryResultOf(bulkAction).waiting > 0 && bulkAction.kind !== 'discard'
    ? 'All queued'
    : statusLabels[status];
}

/** Excluded failures that are listed one by one. */
const MAX_LISTED = 1000;

export function BulkActionPage({
  bulkAction,
  excluded,
  viewer,
}: {
  bulkAction: BulkAction;
  excluded: readonly ExcludedFailure[];
  viewer: Viewer;
}) {
  const { id, kind, status, total, done, by, reason, at, endedAt } = bulkAction;
  const isOpen = status === 'waiting' || status === 'running';
  return (
    <>
      <h1>
        {kindLabels[kind]}: {id}
      </h1>
      <p>
        By {by}, <Time at={at} zone={viewer.zone} />
        {reason !== '' && `: ${reason}`}
      </p>
      <p>{describeFilter(bulkAction)}</p>
      {bulkAction.rule !== undefined && <Rule rule={bulkAction.rule} />}
      <p role="status">
        {describeStatus(bulkAction)}
        {endedAt !== undefined && (
          <>
            {' '}
            <Time at={endedAt} zone={viewer.zone} />
          </>
        )}
      </p>
      <p>
        <progress value={done + sumOf(bulkAction.excluded)} max={Math.max(total, 1)} aria-label="Progress" />
        <br />
        {formatNumber(done)} of {formatNumber(total)} {kind === 'discard' ? 'discarded' : 'queued again'}
      </p>
      {kind !== 'discard' && <Results bulkAction={bulkAction} />}
      {isOpen && hasRole(viewer.operator.role, 'operator') && (
        <ActionForm
          to={pathTo(routes.bulkActionCancel, { id })}
          label="Cancel remaining"
          tone="warning"
          csrfToken={viewer.csrfToken}
        />
      )}
      {sumOf(bulkAction.excluded) > 0 && (
        <Excluded counts={bulkAction.excluded} excluded={excludedFor(viewer.operator, excluded)} />
      )}
    </>
  );
}

/** What has become of the jobs that were queued again: being queued is no success. */
function Results({ bulkAction }: { bulkAction: BulkAction }) {
  const { queued, succeeded, failedAgain, unknown, waiting } = retryResultOf(bulkAction);
  const { writeBacks } = bulkAction;
  const campaign = campaignOf(bulkAction);
  const campaigns = campaign === undefined ? routes.campaigns : pathTo(routes.campaign, { id: campaign });
  return (
    <ul aria-label="Results">
      {queued > 0 && (
        <>
          <li>
            <a href={campaigns}>{formatNumber(succeeded)} succeeded</a>
          </li>
          <li>
            <a href={pathTo(routes.attention, {}, { campaign })}>
              {formatNumber(failedAgain - unknown)} failed again
            </a>
          </li>
          {unknown > 0 && (
            <li>
              <a href={pathTo(routes.unknownOutcomes, {}, { campaign })}>
                {formatNumber(unknown)} without an answer again
              </a>
            </li>
          )}
          <li>
            <a href={campaigns}>{formatNumber(waiting)} waiting</a>
          </li>
        </>
      )}
      {writeBacks > 0 && (
        <li>
          <a href={campaigns}>{formatCount(writeBacks, 'result')} sent to Bloomreach again</a>
        </li>
      )}
    </ul>
  );
}

/** Returns the only campaign of a bulk action; undefined for several. */
function campaignOf({ filter: { campaign, jobs } }: BulkAction): string | undefined {
  const campaigns = new Set(jobs?.map((one) => one.campaign));
  return campaign ?? (campaigns.size === 1 ? [...campaigns][0] : undefined);
}

/** Returns what a list says of a bulk action, e.g. `29 queued again: 21 succeeded, 5 failed again, 3 waiting`. */
export function describeResult(bulkAction: BulkAction): string {
  const { kind, done, total, writeBacks } = bulkAction;
  if (kind === 'discard') return `${formatNumber(done)} of ${formatNumber(total)} discarded`;
  const { succeeded, failedAgain, waiting } = retryResultOf(bulkAction);
  const results = [
    `${formatNumber(succeeded)} succeeded`,
    `${formatNumber(failedAgain)} failed again`,
    `${formatNumber(waiting)} waiting`,
    ...(writeBacks > 0 ? [`${formatCount(writeBacks, 'result')} sent to Bloomreach again`] : []),
  ];
  return `${formatNumber(done)} of ${formatNumber(total)} queued again: ${results.join(', ')}`;
}

function Excluded({
  counts,
  excluded,
}: {
  counts: BulkAction['excluded'];
  excluded: readonly ExcludedFailure[];
}) {
  return (
    <>
      <h2>Excluded</h2>
      <ul>
        {Object.entries(counts).map(([reason, count]) => (
          <li key={reason}>
            {formatNumber(count)} {exclusionReasons[reason as ExclusionReason]}
          </li>
        ))}
      </ul>
      {excluded.length > 0 && (
        <details>
          <summary>
            {excluded.length < MAX_LISTED ? 'View failures' : `View the first ${formatNumber(MAX_LISTED)}`}
          </summary>
          <ul>
            {excluded.map(({ campaign, row, reason, detail }) => (
              <li key={`${campaign} ${row}`}>
                <a href={pathTo(routes.campaign, { id: campaign })}>{campaign}</a>, row {row}:{' '}
                {exclusionReasons[reason]}
                {detail !== undefined && ` (${detail})`}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** The edit. Values typed for one customer are left out, because all viewers share this page. */
function Rule({ rule }: { rule: EditRule }) {
  if ('values' in rule) return <p>Changed attributes: {Object.keys(rule.values).join(', ') || 'none'}.</p>;
  return (
    <p>
      {rule.attribute} becomes <code>{rule.template}</code>
    </p>
  );
}

function sumOf(counts: BulkAction['excluded']): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Describes which failures the bulk action selected when it was started. */
function describeFilter({ filter: { campaign, causes, jobs, unknown } }: BulkAction): string {
  const failures =
    jobs === undefined ? (causes?.join(', ') ?? 'all causes') : formatCount(jobs.length, 'selected failure');
  const scope = campaign === undefined ? 'all campaigns' : campaign;
  return `Failures: ${failures}, in ${scope}${unknown ? ', including unknown outcomes' : ''}, up to the start of this action.`;
}

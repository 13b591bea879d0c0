/** One cause of failure: its count and trend, its meaning, and the bulk actions on all of its failures. */

import { failureKinds } from '../../../domain/failures/failure.ts';
import type { FailureGroup } from '../../../domain/failures/failure-group.ts';
import { hasRole } from '../../../domain/operators/operator.ts';
import { formatCount, formatNumber } from '../../../domain/presentation/format.ts';
import { pathTo, routes } from '../../paths.ts';
import { resultsPath } from '../campaigns/results.tsx';
import type { Viewer } from '../layout.tsx';
import { Time } from '../parts/labels.tsx';

/** The campaigns with most of the failures; others are reached through their own pages. */
const MAX_DOWNLOADS = 3;

interface GroupCardProps {
  group: FailureGroup;
  /** Set if only failures of one campaign are shown. */
  campaign: string | undefined;
  /** Milliseconds since 1970. */
  now: number;
  viewer: Viewer;
  /** Whether the card is on the page of its cause. */
  isOwnPage?: boolean;
}

export function GroupCard({ group, campaign, now, viewer, isOwnPage = false }: GroupCardProps) {
  const { cause, count, firstAt, lastAt, perHour, unknown } = group;
  const { meaning, remedy } = failureKinds[cause.code];
  const heading = `cause-${cause.id}`;
  return (
    <section class={`card ${unknown ? 'unknown' : ''}`} aria-labelledby={heading}>
      <h2 id={heading}>
        {formatNumber(count)} × {meaning}
      </h2>
      <p>
        <code>{cause.code}</code> {cause.pattern}
      </p>
      <p>
        First <Time at={firstAt} zone={viewer.zone} />, last <Time at={lastAt} zone={viewer.zone} />.{' '}
        <Trend perHour={perHour} now={now} />
      </p>
      <p>What to do: {remedy}</p>
      <div class="actions">
        {hasRole(viewer.operator.role, 'operator') && <Actions group={group} campaign={campaign} />}
        {!isOwnPage && (
          <a class="btn" href={pathTo(routes.cause, { cause: cause.id }, { campaign })}>
            View failures<span class="visually-hidden">: {cause.pattern}</span>
          </a>
        )}
      </div>
    </section>
  );
}

function Actions({
  group: { cause, count, retryable, unknown, kind, campaigns },
  campaign,
}: Pick<GroupCardProps, 'group' | 'campaign'>) {
  const about = <span class="visually-hidden">: {cause.pattern}</span>;
  const downloads = campaigns.slice(0, MAX_DOWNLOADS);
  const params = { cause: cause.id };
  return (
    <>
      {retryable && (
        <a
          class={`btn ${unknown ? 'btn-danger' : 'btn-primary'}`}
          href={pathTo(routes.causeRetry, params, { campaign })}
        >
          {unknown ? `Create ${formatCount(count, 'card')} again…` : `Retry all ${formatNumber(count)}…`}
          {about}
        </a>
      )}
      {kind === 'row' &&
        downloads.map(({ id }) => (
          <a key={id} class="btn btn-primary" href={resultsPath(id, ['rejected'])}>
            Download rejected rows (CSV){downloads.length > 1 && ` of ${id}`}
            {about}
          </a>
        ))}
      {retryable && kind === 'job' && !unknown && (
        <a class="btn" href={pathTo(routes.causeEdit, params, { campaign })}>
          Edit and retry…{about}
        </a>
      )}
      <a class="btn" href={pathTo(routes.causeDiscard, params, { campaign })}>
        Discard…{about}
      </a>
    </>
  );
}

const HOURS = 24;
const HOUR_MS = 3_600_000;
const [BAR_WIDTH, CHART_HEIGHT] = [6, 24];

/** Failures per hour over the last 24 hours, as bars and as text. */
function Trend({ perHour, now }: Pick<FailureGroup, 'perHour'> & { now: number }) {
  const currentHour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const counts = Array.from({ length: HOURS }, (_, index) => {
    const hour = currentHour - (HOURS - 1 - index) * HOUR_MS;
    return perHour.find((found) => found.hour === hour)?.count ?? 0;
  });
  const max = Math.max(...counts, 1);
  const day = counts.reduce((sum, count) => sum + count, 0);
  return (
    <span>
      <svg
        class="trend"
        viewBox={`0 0 ${HOURS * BAR_WIDTH} ${CHART_HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        focusable="false"
      >
        {counts.map((count, index) => {
          const height = count === 0 ? 1 : Math.max(2, (count / max) * CHART_HEIGHT);
          return (
            <rect
              key={index}
              x={index * BAR_WIDTH}
              y={CHART_HEIGHT - height}
              width={BAR_WIDTH - 1}
              height={height}
              fill="currentColor"
            />
          );
        })}
      </svg>{' '}
      {formatNumber(day)} in the last 24 h, {formatNumber(counts.at(-1) ?? 0)} in this hour
    </span>
  );
}

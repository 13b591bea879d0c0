/** One cause of failure: how often, since when, what it means, and what can be done about all of it. */

import { failureKinds } from '../../../domain/failures/failure.ts';
import type { FailureGroup } from '../../../domain/failures/failure-group.ts';
import { mayAct } from '../../../domain/operators/operator.ts';
import type { Reader } from '../layout.tsx';
import { Moment } from '../parts/moment.tsx';
import { number } from '../parts/wording.ts';
import { Trend } from './trend.tsx';

/** The campaigns with most of them; the others have their own pages. */
const MOST_DOWNLOADS = 3;

interface GroupCardProps {
  group: FailureGroup;
  /** Where only those of one campaign are looked at. */
  campaign: string | undefined;
  /** Milliseconds since 1970. */
  now: number;
  reader: Reader;
  /** Whether this is the page about them. */
  isOwnPage?: boolean;
}

export function GroupCard({ group, campaign, now, reader, isOwnPage = false }: GroupCardProps) {
  const { cause, count, firstAt, lastAt, perHour, unknown } = group;
  const { meaning, action } = failureKinds[cause.code];
  const heading = `cause-${cause.id}`;
  return (
    <section class={`card mb-3 ${unknown ? 'unknown' : ''}`} aria-labelledby={heading}>
      <div class="card-body">
        <h2 id={heading}>
          {number(count)} × {meaning}
        </h2>
        <p>
          <code>{cause.code}</code> {cause.pattern}
        </p>
        <p>
          First <Moment at={firstAt} zone={reader.zone} />, last <Moment at={lastAt} zone={reader.zone} />.{' '}
          <Trend perHour={perHour} now={now} />
        </p>
        <p>What to do: {action}</p>
        <div class="d-flex flex-wrap gap-2">
          {mayAct(reader.operator.role, 'operator') && <Actions group={group} campaign={campaign} />}
          {!isOwnPage && (
            <a class="btn" href={causePath(cause.id, '', campaign)}>
              Look at them<span class="visually-hidden">: {cause.pattern}</span>
            </a>
          )}
        </div>
      </div>
    </section>
  );
}

function Actions({
  group: { cause, count, repeatable, unknown, kind, campaigns },
  campaign,
}: Pick<GroupCardProps, 'group' | 'campaign'>) {
  const about = <span class="visually-hidden">: {cause.pattern}</span>;
  const places = campaigns.slice(0, MOST_DOWNLOADS);
  return (
    <>
      {repeatable && (
        <a
          class={`btn ${unknown ? 'btn-danger' : 'btn-primary'}`}
          href={causePath(cause.id, '/retry', campaign)}
        >
          {unknown ? 'Repeat' : 'Send again'} all {number(count)} …{about}
        </a>
      )}
      {kind === 'row' &&
        places.map(({ id }) => (
          <a
            key={id}
            class="btn btn-primary"
            href={`/campaigns/${encodeURIComponent(id)}/results.csv?states=rejected`}
          >
            Download the rejected rows{places.length > 1 && ` of ${id}`}
            {about}
          </a>
        ))}
      {repeatable && kind === 'job' && !unknown && (
        <a class="btn" href={causePath(cause.id, '/edit', campaign)}>
          Edit and send again …{about}
        </a>
      )}
      <a class="btn" href={causePath(cause.id, '/discard', campaign)}>
        Discard …{about}
      </a>
    </>
  );
}

/** The address of something about a cause. */
export function causePath(cause: string, what: string, campaign: string | undefined): string {
  const query = campaign === undefined ? '' : `?campaign=${encodeURIComponent(campaign)}`;
  return `/failures/${encodeURIComponent(cause)}${what}${query}`;
}

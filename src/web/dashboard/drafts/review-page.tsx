/** The review of a draft before the start: how many customers it would reach, until when, and the button that starts it. */

import type { CampaignAction } from '../../../domain/campaigns/campaign-action.ts';
import type { CampaignDraft, DraftReview, PreflightReport } from '../../../domain/campaigns/draft.ts';
import { formatCount, formatFinish } from '../../../domain/presentation/format.ts';
import { systemClock } from '../../../kit/clock.ts';
import { pathTo, routes } from '../../paths.ts';
import type { Viewer } from '../layout.tsx';
import { CsrfField, ReasonField } from '../parts/forms.tsx';
import { headingOf, Problems } from './draft-pages.tsx';
import { FilledIn } from './filled-in.tsx';
import { EdgeCasePreviews, PreflightNumbers } from './preflight.tsx';

export interface ReviewData {
  draft: CampaignDraft;
  /** `refused`: the start would refuse it for this problem. */
  review: DraftReview | { state: 'refused'; problem: string };
}

/** Seconds until the page asks again whether all rows are checked. */
const ASK_AGAIN_S = 2;

export function reloadAfter({ review }: ReviewData): number | undefined {
  return review.state === 'counting' ? ASK_AGAIN_S : undefined;
}

export function ReviewPage({ draft, review, viewer }: ReviewData & { viewer: Viewer }) {
  const { id } = draft;
  switch (review.state) {
    case 'counting':
      return (
        <div
          id="review"
          class="stack"
          hx-get={pathTo(routes.draftReview, { id })}
          hx-trigger={`every ${ASK_AGAIN_S}s`}
          hx-select="#review"
          hx-target="this"
          hx-swap="outerHTML"
        >
          <h1>{headingOf(draft)}</h1>
          <section class="card narrow" aria-label="Progress">
            <p role="status">Checking all customers: {formatCount(review.rows, 'row')} so far.</p>
            <progress aria-label="Rows checked" />
            <p class="hint">Nothing is sent. You can leave this page and come back to its address.</p>
            <BackToOptions id={id} />
          </section>
        </div>
      );
    case 'ready':
      return <Ready draft={draft} report={review.report} viewer={viewer} />;
    case 'started':
      return (
        <div id="review" class="stack">
          <h1>{headingOf(draft)}</h1>
          <p class="alert alert-info">
            This campaign was already started. <a href={pathTo(routes.campaign, { id })}>Open the campaign</a>
          </p>
        </div>
      );
    case 'refused':
      return (
        <div id="review" class="stack">
          <h1>{headingOf(draft)}</h1>
          <Problems text={review.problem} />
          <div class="actions">
            <BackToOptions id={id} />
          </div>
        </div>
      );
  }
}

interface ReadyProps {
  draft: CampaignDraft;
  report: PreflightReport;
  viewer: Viewer;
}

function Ready({ draft, report, viewer: { csrfToken, zone } }: ReadyProps) {
  const { id, action, form = {} } = draft;
  const { preflight, duration, from, pausesAtBadRow } = report;
  const { toSend } = preflight;
  const now = systemClock();
  return (
    <div id="review" class="stack">
      <h1>{headingOf(draft)}</h1>
      {pausesAtBadRow && (
        <p class="alert alert-warning" role="alert">
          The campaign will pause at the first row that cannot be read, and wait for your decision. To reject
          such rows and send the others, choose “Skip bad rows”.
        </p>
      )}
      <form method="post" action={pathTo(routes.draftStart, { id })} class="card narrow">
        <CsrfField token={csrfToken} />
        {/* As reviewed, whatever another window has made of the draft since. */}
        {Object.entries(form).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {toSend > 0 && (
          <p class="lede">
            {formatCount(toSend, 'customer')}, done {formatFinish(duration, Math.max(from, now), now, zone)}.
          </p>
        )}
        <ReasonField />
        <div class="actions">
          <button class="btn btn-primary" type="submit" disabled={toSend === 0}>
            {startLabels[action](toSend)}
          </button>
          <a class="btn" href={pathTo(routes.draftTest, { id })}>
            Send test
          </a>
          <BackToOptions id={id} />
        </div>
      </form>
      <div class="columns">
        <section class="card" aria-label="Customers">
          <PreflightNumbers draft={draft} preflight={report} />
        </section>
        <section class="card" aria-label="Options">
          <FilledIn form={form} />
        </section>
      </div>
      <EdgeCasePreviews draft={draft} preflight={report} form={form} />
    </div>
  );
}

/** The button that starts each action for a number of customers. */
const startLabels: Readonly<Record<CampaignAction, (customers: number) => string>> = {
  issue: (customers) => `Issue ${formatCount(customers, 'card')}`,
  reissue: (customers) => `Replace ${formatCount(customers, 'card')}`,
  update: (customers) => `Update ${formatCount(customers, 'card')}`,
  notify: (customers) => `Notify ${formatCount(customers, 'customer')}`,
};

function BackToOptions({ id }: { id: string }) {
  return (
    <a class="btn" href={pathTo(routes.draft, { id })}>
      Change options
    </a>
  );
}

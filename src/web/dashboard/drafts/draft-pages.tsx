/** The pages of a draft: loading its customers, filling in the form, and the review before the start. */

import {
  type CampaignDraft,
  describeOrigin,
  type DraftForm,
  type PreflightReport,
} from '../../../domain/campaigns/draft.ts';
import { formatCount, formatNumber } from '../../../domain/presentation/format.ts';
import { pathTo, routes } from '../../paths.ts';
import type { Viewer } from '../layout.tsx';
import { CsrfField, ReasonField } from '../parts/forms.tsx';
import { actionLabels } from '../parts/labels.tsx';
import { DraftFields } from './draft-form.tsx';
import { FilledIn } from './filled-in.tsx';
import { EdgeCasePreviews, PreflightNumbers } from './preflight.tsx';

interface FormProps {
  draft: CampaignDraft;
  form: DraftForm;
  viewer: Viewer;
}

/** The form beside a preview that updates while the operator types. */
export function FillIn({ draft, form, viewer: { zone, csrfToken } }: FormProps) {
  return (
    <div class="columns" id="fill-in">
      <div>
        <DraftFields draft={draft} form={form} zone={zone} csrfToken={csrfToken} />
      </div>
      <section id="preview" class="stack" aria-live="polite" aria-label="Preview" />
    </div>
  );
}

/** Shown instead of the form until the customers are loaded; polls for it. */
export function FillInLater({ draft: { id } }: { draft: CampaignDraft }) {
  return (
    <div
      id="fill-in"
      hx-get={pathTo(routes.draft, { id })}
      hx-trigger="every 2s"
      hx-select="#fill-in"
      hx-target="this"
      hx-swap="outerHTML"
    />
  );
}

/** The review of a checked draft, with the button that starts it. */
export function Review({
  draft,
  form,
  preflight,
  viewer: { csrfToken },
}: FormProps & { preflight: PreflightReport }) {
  const { id } = draft;
  const { toSend } = preflight.preflight;
  return (
    <>
      <h1>{headingOf(draft)}</h1>
      <div class="columns">
        <section class="card" aria-label="Customers">
          <PreflightNumbers draft={draft} preflight={preflight} />
        </section>
        <section class="card" aria-label="Options">
          <FilledIn form={form} />
        </section>
      </div>
      <form method="post" action={pathTo(routes.draftStart, { id })} class="card narrow">
        <CsrfField token={csrfToken} />
        {Object.entries(form).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <ReasonField />
        <div class="actions">
          <button class="btn btn-primary" type="submit" disabled={toSend === 0}>
            Start for{' '}
            {preflight.isComplete
              ? formatCount(toSend, 'customer')
              : `all customers (more than ${formatNumber(toSend)})`}
          </button>
          <a class="btn" href={pathTo(routes.draftTest, { id })}>
            Send test
          </a>
          <a class="btn" href={pathTo(routes.draft, { id })}>
            Back
          </a>
        </div>
      </form>
      <EdgeCasePreviews draft={draft} preflight={preflight} form={form} />
    </>
  );
}

/** The heading, and the state of the customers until they are loaded. */
export function LoadState({ draft }: { draft: CampaignDraft }) {
  const { customers } = draft;
  return (
    <>
      <h1>{headingOf(draft)}</h1>
      {customers.state === 'fetching' && <p role="status">Loading customers…</p>}
      {customers.state === 'failed' && <Problems text={customers.reason} />}
      {customers.state !== 'ready' && <a href={routes.newCampaign}>Choose another file</a>}
    </>
  );
}

/** Problems, one per line. */
export function Problems({ text }: { text: string }) {
  return (
    <p class="alert alert-warning" role="alert" data-lines>
      {text}
    </p>
  );
}

export function titleOf({ action, program }: CampaignDraft): string {
  return `New campaign · ${actionLabels[action]} · ${program}`;
}

export function headingOf({ action, program, from }: CampaignDraft): string {
  return `${actionLabels[action]} · ${program} · ${describeOrigin(from)}`;
}

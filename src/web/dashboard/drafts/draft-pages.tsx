/** The pages of a draft: loading its customers and filling in the form. */

import { type CampaignDraft, describeOrigin, type DraftForm } from '../../../domain/campaigns/draft.ts';
import { pathTo, routes } from '../../paths.ts';
import type { Viewer } from '../layout.tsx';
import { actionLabels } from '../parts/labels.tsx';
import { DraftFields } from './draft-form.tsx';

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

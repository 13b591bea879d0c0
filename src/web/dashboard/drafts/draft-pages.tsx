/** What is seen of a campaign that is being prepared: its customers on their way, its form, and the last look before the start. */

import type { CampaignDraft, DraftForm, PreflightReport } from '../../../domain/campaigns/draft.ts';
import type { Reader } from '../layout.tsx';
import { ReasonField } from '../parts/confirm.tsx';
import { CsrfField } from '../parts/csrf-field.tsx';
import { number } from '../parts/wording.ts';
import { DraftFields } from './draft-form.tsx';
import { FilledIn } from './filled-in.tsx';
import { HardestCustomers, PreflightNumbers } from './preflight.tsx';

interface FormProps {
  draft: CampaignDraft;
  form: DraftForm;
  reader: Reader;
}

export function FillIn({ draft, form, reader: { zone, csrfToken } }: FormProps) {
  return (
    <div class="row" id="fill-in">
      <div class="col-lg-6">
        <DraftFields draft={draft} form={form} zone={zone} csrfToken={csrfToken} />
      </div>
      <section id="preview" class="col-lg-6" aria-live="polite" aria-label="Preview" />
    </div>
  );
}

export function Ready({
  draft,
  form,
  preflight,
  reader: { csrfToken },
}: FormProps & { preflight: PreflightReport }) {
  const { toSend } = preflight.preflight;
  return (
    <>
      <h1>{headingOf(draft)}</h1>
      <PreflightNumbers draft={draft} preflight={preflight} />
      <FilledIn form={form} />
      <form method="post" action={`${pathOf(draft.id)}/start`} class="mb-3">
        <CsrfField token={csrfToken} />
        {Object.entries(form).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <ReasonField />
        <button class="btn btn-primary" type="submit" disabled={toSend === 0}>
          Start: send to {preflight.isWhole ? number(toSend) : 'all'} customers
        </button>{' '}
        <a class="btn" href={pathOf(draft.id)}>
          Back
        </a>
      </form>
      <HardestCustomers draft={draft} preflight={preflight} form={form} />
    </>
  );
}

export function Arrival({ draft }: { draft: CampaignDraft }) {
  const { customers } = draft;
  return (
    <>
      <h1>{headingOf(draft)}</h1>
      {customers.state === 'fetching' && <p role="status">Its customers are being fetched …</p>}
      {customers.state === 'refused' && <Problems text={customers.why} />}
      {customers.state !== 'ready' && <a href="/campaigns/new">Choose others</a>}
    </>
  );
}

export function Problems({ text }: { text: string }) {
  return (
    <p class="alert alert-warning" role="alert" data-lines>
      {text}
    </p>
  );
}

export function titleOf({ action, program }: CampaignDraft): string {
  return `New campaign: ${action} ${program}`;
}

export function headingOf({ action, program, from }: CampaignDraft): string {
  return `${action} ${program}: ${from}`;
}

export function pathOf(id: string): string {
  return `/campaigns/drafts/${encodeURIComponent(id)}`;
}

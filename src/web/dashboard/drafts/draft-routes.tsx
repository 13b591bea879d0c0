/** The addresses of a new campaign: choose, fill in, check, start. Nothing is sent before the last. */

import type { FastifyRequest } from 'fastify';
import { render } from 'preact-render-to-string';
import { ActRefused } from '../../../job/act-refused.ts';
import type { CampaignAction } from '../../../job/campaign.ts';
import type { CampaignDraft, DraftForm } from '../../../job/draft.ts';
import type { DraftDesk } from '../desk.ts';
import { renderPage } from '../layout.tsx';
import { type DashboardScope, readerOf, sendHtml } from '../page.tsx';
import { actOf, field, goTo } from '../parts/act-of.ts';
import { CsrfField } from '../parts/csrf-field.tsx';
import { number } from '../parts/wording.ts';
import { DraftFields } from './draft-form.tsx';
import { NewDraft } from './new-draft.tsx';
import { HardestCustomers, PreflightNumbers } from './preflight.tsx';

interface OfDraft {
  Params: { id: string };
}

const config = { role: 'operator' } as const;

/** Adds them to a guarded scope. */
export function addDraftPages({ scope, addPage, zone }: DashboardScope, desk: DraftDesk): void {
  addPage({
    path: '/campaigns/new',
    role: 'operator',
    title: () => 'New campaign',
    load: () => desk.offered(),
    fixed: (offered, { csrfToken }) => <NewDraft {...offered} csrfToken={csrfToken} />,
  });

  scope.post('/campaigns/drafts', { config }, async (request, reply) => {
    const { body } = request;
    const [program, action, source, upload] = ['program', 'action', 'source', 'upload'].map((name) =>
      field(body, name),
    );
    if (upload === '' && source === '') throw new ActRefused('Choose a file first.');
    const id = await desk.create(
      {
        program: program ?? '',
        action: action as CampaignAction,
        source: source ?? '',
        ...(upload !== undefined && upload !== '' && { upload: { id: upload, name: field(body, 'name') } }),
      },
      actOf(request),
    );
    return goTo(reply, pathOf(id));
  });

  addPage({
    path: '/campaigns/drafts/:id',
    role: 'operator',
    load: ({ params: { id = '' } }) => desk.find(id),
    title: ({ action, program }) => `New campaign: ${action} ${program}`,
    live: (draft) => <Arrival draft={draft} />,
    fixed: (draft, { csrfToken }) =>
      draft.customers.state !== 'ready' ? (
        // Until its customers are here: then the form takes its place.
        <div
          id="fill-in"
          hx-get={pathOf(draft.id)}
          hx-trigger="every 2s"
          hx-select="#fill-in"
          hx-target="this"
          hx-swap="outerHTML"
        />
      ) : (
        <div class="row" id="fill-in">
          <div class="col-lg-6">
            <DraftFields draft={draft} form={{}} zone={zone} csrfToken={csrfToken} />
          </div>
          <section id="preview" class="col-lg-6" aria-live="polite" aria-label="Preview" />
        </div>
      ),
  });

  /** A piece of the page: what the first rows would get. */
  scope.post<OfDraft>('/campaigns/drafts/:id/preview', { config }, async (request, reply) => {
    const draft = await draftOf(request, desk);
    try {
      const preflight = await desk.look(draft, formOf(request));
      return await sendHtml(reply, render(<HardestCustomers draft={draft} preflight={preflight} />));
    } catch (error) {
      if (!(error instanceof ActRefused)) throw error;
      return sendHtml(reply, render(<Problems text={error.message} />));
    }
  });

  /** All rows are looked at, and everything is shown once more with the button that starts it. */
  scope.post<OfDraft>('/campaigns/drafts/:id/check', { config }, async (request, reply) => {
    const draft = await draftOf(request, desk);
    const form = formOf(request);
    const reader = readerOf(request, reply, zone);
    const preflight = await desk.check(draft, form);
    const { toSend } = preflight.survey;
    return sendHtml(
      reply,
      renderPage({
        title: `Start ${draft.action} ${draft.program}?`,
        path: pathOf(draft.id),
        reader,
        children: (
          <>
            <h1>
              {draft.action} {draft.program}: {draft.from}
            </h1>
            <PreflightNumbers draft={draft} preflight={preflight} />
            <form method="post" action={`${pathOf(draft.id)}/start`} class="mb-3">
              <CsrfField token={reader.csrfToken} />
              {Object.entries(form).map(([name, value]) => (
                <input key={name} type="hidden" name={name} value={value} />
              ))}
              <button class="btn btn-primary" type="submit" disabled={toSend === 0}>
                Start: send to {preflight.isWhole ? number(toSend) : 'all'} customers
              </button>{' '}
              <a class="btn" href={pathOf(draft.id)}>
                Back
              </a>
            </form>
            <HardestCustomers draft={draft} preflight={preflight} />
          </>
        ),
      }),
    );
  });

  scope.post<OfDraft>('/campaigns/drafts/:id/start', { config }, async (request, reply) => {
    const draft = await draftOf(request, desk);
    await desk.start(draft, formOf(request), actOf(request));
    return goTo(reply, `/campaigns/${encodeURIComponent(draft.id)}`);
  });
}

function Arrival({ draft: { action, program, from, customers } }: { draft: CampaignDraft }) {
  return (
    <>
      <h1>
        {action} {program}: {from}
      </h1>
      {customers.state === 'fetching' && <p role="status">Its customers are being fetched …</p>}
      {customers.state === 'refused' && <Problems text={customers.why} />}
      {customers.state !== 'ready' && <a href="/campaigns/new">Choose others</a>}
    </>
  );
}

function Problems({ text }: { text: string }) {
  return (
    <p class="alert alert-warning" role="alert" data-lines>
      {text}
    </p>
  );
}

function pathOf(id: string): string {
  return `/campaigns/drafts/${encodeURIComponent(id)}`;
}

async function draftOf(request: FastifyRequest<OfDraft>, desk: DraftDesk): Promise<CampaignDraft> {
  const draft = await desk.find(request.params.id);
  if (draft !== undefined) return draft;
  throw new ActRefused('This campaign is no longer being prepared: drafts are kept for a day. Begin anew.');
}

/** The fields as they were typed. */
function formOf({ body }: FastifyRequest): DraftForm {
  const entries = Object.entries((body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== '_csrf',
    ),
  );
}

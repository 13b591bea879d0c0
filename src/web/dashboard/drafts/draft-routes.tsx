/** The addresses of a new campaign: choose, fill in, check, start. Nothing is sent before the last. */

import { UserError } from '../../../kit/user-error.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { render } from 'preact-render-to-string';
import type { CampaignAction } from '../../../domain/campaigns/campaign.ts';
import type { CampaignDraft, DraftForm } from '../../../domain/campaigns/draft.ts';
import type { DraftService } from '../dashboard-service.ts';
import { renderPage } from '../layout.tsx';
import { type DashboardScope, readerOf, sendHtml } from '../page.tsx';
import { actionOf, field, goTo } from '../parts/audited-action.ts';
import { Arrival, FillIn, headingOf, pathOf, Problems, Ready, titleOf } from './draft-pages.tsx';
import { NewDraft } from './new-draft.tsx';
import { HardestCustomers } from './preflight.tsx';

interface OfDraft {
  Params: { id: string };
}

const config = { role: 'operator' } as const;

/** Adds them to a guarded scope. */
export function addDraftPages({ scope, addPage, zone }: DashboardScope, service: DraftService): void {
  addPage({
    path: '/campaigns/new',
    role: 'operator',
    title: () => 'New campaign',
    load: () => service.offered(),
    fixed: (offered, { csrfToken }) => <NewDraft {...offered} csrfToken={csrfToken} />,
  });

  scope.post('/campaigns/drafts', { config }, async (request, reply) => {
    const { body } = request;
    const [program, action, source, upload] = ['program', 'action', 'source', 'upload'].map((name) =>
      field(body, name),
    );
    if (upload === '' && source === '')
      throw new UserError('INVALID_REQUEST', 'Choose a file or a source first.');
    const id = await service.create(
      {
        program: program ?? '',
        action: action as CampaignAction,
        source: source ?? '',
        ...(upload !== undefined && upload !== '' && { upload: { id: upload, name: field(body, 'name') } }),
      },
      actionOf(request),
    );
    return goTo(reply, pathOf(id));
  });

  addPage({
    path: '/campaigns/drafts/:id',
    role: 'operator',
    load: ({ params: { id = '' } }) => service.find(id),
    title: titleOf,
    live: (draft) => <Arrival draft={draft} />,
    fixed: (draft, reader) =>
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
        <FillIn draft={draft} form={draft.form ?? {}} reader={reader} />
      ),
  });

  /** The form once more, as it was filled in, with what is wrong with it. */
  const again = (
    request: FastifyRequest<OfDraft>,
    reply: FastifyReply,
    draft: CampaignDraft,
    why: string,
  ) => {
    const reader = readerOf(request, reply, zone);
    return sendHtml(
      reply.code(409),
      renderPage({
        title: titleOf(draft),
        path: pathOf(draft.id),
        reader,
        children: (
          <>
            <h1>{headingOf(draft)}</h1>
            <Problems text={why} />
            <FillIn draft={draft} form={formOf(request)} reader={reader} />
          </>
        ),
      }),
    );
  };

  /** Does something with a filled in form; where that is refused, the form comes back. */
  const withForm =
    (
      act: (request: FastifyRequest<OfDraft>, reply: FastifyReply, draft: CampaignDraft) => Promise<unknown>,
    ) =>
    async (request: FastifyRequest<OfDraft>, reply: FastifyReply) => {
      const draft = await draftOf(request, service);
      try {
        return await act(request, reply, draft);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return again(request, reply, draft, error.message);
      }
    };

  /** A piece of the page: what the first rows would get. */
  scope.post<OfDraft>('/campaigns/drafts/:id/preview', { config }, async (request, reply) => {
    const draft = await draftOf(request, service);
    const form = formOf(request);
    try {
      const preflight = await service.look(draft, form);
      return await sendHtml(
        reply,
        render(<HardestCustomers draft={draft} preflight={preflight} form={form} />),
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return sendHtml(reply, render(<Problems text={error.message} />));
    }
  });

  /** All rows are looked at, and everything is shown once more with the button that starts it. */
  const check = withForm(async (request, reply, draft) => {
    const form = formOf(request);
    const preflight = await service.check(draft, form);
    const reader = readerOf(request, reply, zone);
    return sendHtml(
      reply,
      renderPage({
        title: `Start ${draft.action} ${draft.program}?`,
        path: pathOf(draft.id),
        reader,
        children: <Ready draft={draft} form={form} preflight={preflight} reader={reader} />,
      }),
    );
  });
  scope.post<OfDraft>('/campaigns/drafts/:id/check', { config }, check);

  const start = withForm(async (request, reply, draft) => {
    await service.start(draft, formOf(request), actionOf(request));
    return goTo(reply, `/campaigns/${encodeURIComponent(draft.id)}`);
  });
  scope.post<OfDraft>('/campaigns/drafts/:id/start', { config }, start);
}

async function draftOf(request: FastifyRequest<OfDraft>, service: DraftService): Promise<CampaignDraft> {
  const draft = await service.find(request.params.id);
  if (draft !== undefined) return draft;
  throw new UserError(
    'INVALID_REQUEST',
    'This campaign is no longer being prepared: drafts are kept for a day. Begin anew.',
  );
}

/** The fields as they were typed; the reason is none of them. */
function formOf({ body }: FastifyRequest): DraftForm {
  const entries = Object.entries((body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter(
      (entry): entry is [string, string] =>
        typeof entry[1] === 'string' && entry[0] !== '_csrf' && entry[0] !== 'reason',
    ),
  );
}

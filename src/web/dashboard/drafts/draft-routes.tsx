/** The routes of a new campaign: choose, fill in, review and start. Only the start sends anything. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { render } from 'preact-render-to-string';
import type { CampaignAction } from '../../../domain/campaigns/campaign-action.ts';
import type { CampaignDraft, DraftForm } from '../../../domain/campaigns/draft.ts';
import { UserError } from '../../../kit/user-error.ts';
import { pathTo, routes } from '../../paths.ts';
import { statusOfRefusal } from '../../refusal-status.ts';
import type { DraftService } from '../dashboard-service.ts';
import { contextOf, field, redirectTo } from '../form-fields.ts';
import { renderPage } from '../layout.tsx';
import { type DashboardScope, sendHtml } from '../page.tsx';
import { FillIn, FillInLater, headingOf, LoadState, Problems, titleOf } from './draft-pages.tsx';
import { NewDraft } from './new-draft.tsx';
import { EdgeCasePreviews } from './preflight.tsx';
import { reloadAfter, type ReviewData, ReviewPage } from './review-page.tsx';

interface DraftParams {
  Params: { id: string };
}

const config = { role: 'operator' } as const;

/** Adds the routes to a guarded scope. */
export function addDraftPages({ scope, addPage, viewerOf }: DashboardScope, service: DraftService): void {
  addPage({
    route: routes.newCampaign,
    role: 'operator',
    title: () => 'New campaign',
    load: () => service.offered(),
    fixed: (offered, { csrfToken }) => <NewDraft {...offered} csrfToken={csrfToken} />,
  });

  scope.post(routes.drafts, { config }, async (request, reply) => {
    const { body } = request;
    const [source, upload] = [field(body, 'source'), field(body, 'upload')];
    if (upload === '' && source === '')
      throw new UserError('INVALID_REQUEST', 'Choose a file or a source first.');
    const id = await service.create(
      {
        program: field(body, 'program'),
        action: field(body, 'action') as CampaignAction,
        source,
        ...(upload !== '' && { upload: { id: upload, name: field(body, 'name') } }),
      },
      contextOf(request),
    );
    return redirectTo(reply, pathTo(routes.draft, { id }));
  });

  addPage({
    route: routes.draft,
    role: 'operator',
    load: ({ params: { id = '' } }) => service.find(id),
    title: titleOf,
    live: (draft) => <LoadState draft={draft} />,
    fixed: (draft, viewer) =>
      draft.customers.state === 'ready' ? (
        <FillIn draft={draft} form={draft.form ?? {}} viewer={viewer} />
      ) : (
        <FillInLater draft={draft} />
      ),
  });

  /** Sends the form back as filled in, with the problem above it. */
  const refuse = async (
    request: FastifyRequest<DraftParams>,
    reply: FastifyReply,
    draft: CampaignDraft,
    problem: UserError,
  ) => {
    const viewer = await viewerOf(request, reply);
    return sendHtml(
      reply.code(statusOfRefusal(problem.code)),
      renderPage({
        title: titleOf(draft),
        path: pathTo(routes.draft, { id: draft.id }),
        viewer,
        children: (
          <>
            <h1>{headingOf(draft)}</h1>
            <Problems text={problem.message} />
            <FillIn draft={draft} form={formOf(request)} viewer={viewer} />
          </>
        ),
      }),
    );
  };

  /** Wraps a handler so that a `UserError` sends the form back. */
  const withForm =
    (
      handle: (
        request: FastifyRequest<DraftParams>,
        reply: FastifyReply,
        draft: CampaignDraft,
      ) => Promise<unknown>,
    ) =>
    async (request: FastifyRequest<DraftParams>, reply: FastifyReply) => {
      const draft = await findDraft(request, service);
      try {
        return await handle(request, reply, draft);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return refuse(request, reply, draft, error);
      }
    };

  /** Renders the preview beside the form, from the first rows. */
  scope.post<DraftParams>(routes.draftPreview, { config }, async (request, reply) => {
    const draft = await findDraft(request, service);
    const form = formOf(request);
    if (draft.showsText && (form['text'] ?? '').trim() === '')
      return sendHtml(reply, render(<p>Type a text to see the preview.</p>));
    try {
      const preflight = await service.preview(draft, form);
      return await sendHtml(
        reply,
        render(<EdgeCasePreviews draft={draft} preflight={preflight} form={form} />),
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return sendHtml(reply, render(<Problems text={error.message} />));
    }
  });

  /** Stores the form and leads to the review. */
  const fillIn = withForm(async (request, reply, draft) => {
    const { id } = await service.fillIn(draft, formOf(request));
    return redirectTo(reply, pathTo(routes.draftReview, { id }));
  });
  scope.post<DraftParams>(routes.draftReview, { config }, fillIn);

  addPage<ReviewData>({
    route: routes.draftReview,
    role: 'operator',
    async load({ params: { id = '' } }) {
      const draft = await service.find(id);
      if (draft === undefined) return undefined;
      try {
        return { draft, review: await service.review(draft) };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return { draft, review: { state: 'refused', problem: error.message } };
      }
    },
    title: ({ draft }) => `Review · ${titleOf(draft)}`,
    fixed: (data, viewer) => <ReviewPage {...data} viewer={viewer} />,
    reloadAfter,
  });

  const start = withForm(async (request, reply, draft) => {
    const { id } = draft;
    await service.start(draft, formOf(request), contextOf(request));
    return redirectTo(reply, pathTo(routes.campaign, { id }));
  });
  scope.post<DraftParams>(routes.draftStart, { config }, start);
}

async function findDraft(
  request: FastifyRequest<DraftParams>,
  service: DraftService,
): Promise<CampaignDraft> {
  const draft = await service.find(request.params.id);
  if (draft !== undefined) return draft;
  throw new UserError(
    'INVALID_CAMPAIGN',
    'This draft has expired (drafts are kept for 24 h). Start a new campaign.',
  );
}

/** Returns the fields of the campaign as they were typed. */
function formOf({ body }: FastifyRequest): DraftForm {
  const fields = Object.entries((body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    fields.filter(
      (entry): entry is [string, string] =>
        typeof entry[1] === 'string' && entry[0] !== '_csrf' && entry[0] !== 'reason',
    ),
  );
}

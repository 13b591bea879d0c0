/** The page that sends a reviewed draft to a few customers of its export, before the campaign. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CampaignDraft } from '../../../domain/campaigns/draft.ts';
import { UserError } from '../../../kit/user-error.ts';
import { pathTo, routes } from '../../paths.ts';
import { statusOfRefusal } from '../../refusal-status.ts';
import type { DraftService } from '../dashboard-service.ts';
import { contextOf, field, redirectTo } from '../form-fields.ts';
import { renderPage, type Viewer } from '../layout.tsx';
import { type DashboardScope, sendHtml } from '../page.tsx';
import { CsrfField, ReasonField } from '../parts/forms.tsx';
import { headingOf, Problems, titleOf } from './draft-pages.tsx';
import { FilledIn } from './filled-in.tsx';

/** Characters of the field: more customers than a test send may have. */
const MAX_IDS_LENGTH = 10_000;

/** Adds the page and its form to a guarded scope. */
export function addTestSendPage({ scope, addPage, viewerOf }: DashboardScope, service: DraftService): void {
  addPage({
    route: routes.draftTest,
    role: 'operator',
    load: ({ params: { id = '' } }) => service.find(id),
    title: testTitle,
    fixed: (draft, viewer) => <TestSend draft={draft} viewer={viewer} />,
  });

  const refuse = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { draft, to, problem }: { draft: CampaignDraft; to: string; problem: UserError },
  ) => {
    const viewer = await viewerOf(request, reply);
    return sendHtml(
      reply.code(statusOfRefusal(problem.code)),
      renderPage({
        title: testTitle(draft),
        path: pathTo(routes.draftTest, { id: draft.id }),
        viewer,
        children: <TestSend draft={draft} viewer={viewer} to={to} problem={problem.message} />,
      }),
    );
  };

  scope.post<{ Params: { id: string } }>(
    routes.draftTest,
    { config: { role: 'operator' } },
    async (request, reply) => {
      const draft = await service.find(request.params.id);
      if (draft === undefined)
        throw new UserError('INVALID_CAMPAIGN', 'This draft has expired. Start a new campaign.');
      const to = field(request.body, 'to').slice(0, MAX_IDS_LENGTH);
      try {
        const ids = to.split(/[,;\s]+/);
        const id = await service.test(draft, draft.form ?? {}, ids, contextOf(request));
        return await redirectTo(reply, pathTo(routes.campaign, { id }));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return refuse(request, reply, { draft, to, problem: error });
      }
    },
  );
}

interface TestSendProps {
  draft: CampaignDraft;
  viewer: Viewer;
  /** The ids that were refused. */
  to?: string;
  problem?: string;
}

function TestSend({ draft, viewer: { csrfToken }, to = '', problem }: TestSendProps) {
  const { id, form = {} } = draft;
  return (
    <>
      <h1>Test send · {headingOf(draft)}</h1>
      {problem !== undefined && <Problems text={problem} />}
      <form method="post" action={pathTo(routes.draftTest, { id })} class="card narrow">
        <CsrfField token={csrfToken} />
        <div class="field">
          <label for="to">Customer ids or card ids, up to 20 rows of the export</label>
          <input
            id="to"
            name="to"
            required
            maxLength={MAX_IDS_LENGTH}
            autoComplete="off"
            value={to}
            aria-describedby="to-help"
          />
          <p id="to-help" class="hint">
            Separate them with commas. The test is sent now, and the campaign is not started. Its condition,
            start time and safeguards do not apply to the test, except the notification limit.
          </p>
        </div>
        <ReasonField />
        <div class="actions">
          <button class="btn btn-primary" type="submit">
            Send test
          </button>
          <a class="btn" href={pathTo(routes.draft, { id })}>
            Back
          </a>
        </div>
      </form>
      <section class="card narrow" aria-label="Options">
        <FilledIn form={form} />
      </section>
    </>
  );
}

function testTitle(draft: CampaignDraft): string {
  return `Test send · ${titleOf(draft)}`;
}

/** New campaigns for programs: prepared, checked and started, as in the dashboard. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { campaignActions } from '../../domain/campaigns/campaign-action.ts';
import type { CampaignDraft, DraftForm, PreflightReport } from '../../domain/campaigns/draft.ts';
import { apiShape } from '../../domain/campaigns/options/parse-options.ts';
import type { CampaignService, DraftService } from '../dashboard/dashboard-service.ts';
import type { UploadService } from '../dashboard/drafts/upload-service.ts';
import { contextOf, found, reasonField, typed } from './conventions.ts';

const params = z.object({ id: z.string().max(200) });

const draftShape = z.object({
  program: z.string().max(200),
  action: z.enum(campaignActions),
  source: z.string().max(200).default('').describe('Name of a source, if no file was uploaded.'),
  upload: z
    .object({ id: z.string().min(1).max(200), name: z.string().max(300) })
    .optional()
    .describe('A file sent to /uploads by the tus protocol; `id` is the last part of its address.'),
});

const optionsShape = apiShape()
  .default({})
  .describe('Campaign options. Text as on the command line; a number or a boolean may be typed.');

/** A test send refuses fewer with a reason. */
const MAX_TEST_IDS = 100;
const MAX_ID_LENGTH = 300;

interface DraftServices {
  drafts: DraftService;
  campaigns: CampaignService;
  uploads: Pick<UploadService, 'list'>;
}

export function addDraftApi(api: FastifyInstance, { drafts, campaigns, uploads }: DraftServices): void {
  typed(api).get(
    '/uploads',
    {
      config: { role: 'operator' },
      schema: {
        summary:
          'Lists your uploads, or all for an admin. Delete one that no campaign needs by `DELETE /uploads/{id}`.',
      },
    },
    async ({ operator }) => ({ uploads: await uploads.list(operator) }),
  );

  const draftNamed = async (id: string) => found(await drafts.find(id), `draft ${id}`);

  typed(api).post(
    '/drafts',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Creates a draft and fetches its source in the background. Nothing is sent.',
        body: draftShape,
      },
    },
    async (request, reply) => {
      const { upload, ...draft } = request.body;
      const id = await drafts.create(
        { ...draft, ...(upload !== undefined && { upload }) },
        contextOf(request, ''),
      );
      return reply.code(201).send({ draft: publicDraft(await draftNamed(id)) });
    },
  );

  typed(api).get(
    '/drafts/:id',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Returns a draft. Its customers are `fetching`, `ready` or `failed`.',
        params,
      },
    },
    async ({ params: { id } }) => ({ draft: publicDraft(await draftNamed(id)) }),
  );

  typed(api).post(
    '/drafts/:id/check',
    {
      config: { role: 'operator' },
      schema: {
        summary:
          'Checks all rows: how many would be sent, skipped and rejected, with previews of edge cases. Answers 202 with the rows checked so far while that takes longer: repeat the request. Nothing is sent.',
        params,
        body: z.object({ options: optionsShape }),
      },
    },
    async ({ params: { id }, body: { options } }, reply) => {
      const review = await drafts.review(await drafts.fillIn(await draftNamed(id), asForm(options)));
      return review.state === 'ready' ? publicReport(review.report) : reply.code(202).send(review);
    },
  );

  typed(api).post(
    '/drafts/:id/test',
    {
      config: { role: 'operator' },
      schema: {
        summary:
          'Sends to a few customers of the draft, in a small campaign of its own. The draft itself is not started.',
        params,
        body: z.object({
          to: z
            .array(z.string().min(1).max(MAX_ID_LENGTH))
            .min(1)
            .max(MAX_TEST_IDS)
            .describe('Customer ids or card ids of rows of the export.'),
          options: optionsShape,
          reason: reasonField,
        }),
      },
    },
    async (request, reply) => {
      const { to, options, reason } = request.body;
      const draft = await draftNamed(request.params.id);
      const id = await drafts.test(draft, asForm(options), to, contextOf(request, reason));
      return reply.code(201).send({ campaign: await campaigns.find(id) });
    },
  );

  typed(api).post(
    '/drafts/:id/start',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Starts the campaign under the id of the draft; a second start changes nothing.',
        params,
        body: z.object({ options: optionsShape, reason: reasonField }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { options, reason } = request.body;
      await drafts.start(await draftNamed(id), asForm(options), contextOf(request, reason));
      return reply.code(201).send({ campaign: await campaigns.find(id) });
    },
  );
}

/** Converts typed options to the fields of the form, which the draft keeps. */
function asForm(options: Readonly<Record<string, string | number | boolean | undefined>>): DraftForm {
  const fields = Object.entries(options).flatMap(([key, value]) => {
    if (value === undefined || value === false) return [];
    return [[key, value === true ? 'on' : String(value)]];
  });
  return Object.fromEntries(fields) as DraftForm;
}

/** Leaves out where the file lies on this server's disk. */
function publicDraft({ customers, ...draft }: CampaignDraft) {
  const { state } = customers;
  return { ...draft, state, ...(state === 'failed' && { reason: customers.reason }) };
}

/** JSON has no maps. */
function publicReport({ preflight, program: { card }, ...report }: PreflightReport) {
  return { card, ...report, preflight: { ...preflight, byCode: Object.fromEntries(preflight.byCode) } };
}

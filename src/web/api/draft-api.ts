/** New campaigns for programs: prepared, looked over and started, as in the dashboard. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { campaignActions } from '../../domain/campaigns/campaign.ts';
import type { CampaignDraft, PreflightReport } from '../../domain/campaigns/draft.ts';
import type { CampaignService, DraftService } from '../dashboard/dashboard-service.ts';
import { found } from './errors.ts';
import { actionBy, typed } from './shapes.ts';

const ofDraft = z.object({ id: z.string().max(200) });

const draftShape = z.object({
  program: z.string().max(200),
  action: z.enum(campaignActions),
  source: z.string().max(200).default('').describe('Name of a source, where nothing was uploaded.'),
  upload: z
    .object({ id: z.string().min(1).max(200), name: z.string().max(300) })
    .optional()
    .describe('Of a file that was sent to /uploads by the tus protocol: the last part of its address.'),
});

const formShape = z
  .partialRecord(
    z.enum([
      'text',
      'where',
      'useBy',
      'canary',
      'continueAt',
      'pauseAt',
      'quietHours',
      'inQuietHours',
      'maxNotificationsPerDay',
      'overLimit',
      'changedOnly',
      'skipBadRows',
    ]),
    z.string().max(2000),
  )
  .default({})
  .describe('As in the form: every field is text, a share is in percent, and what is ticked is `on`.');

export function addDraftApi(
  api: FastifyInstance,
  { drafts, campaigns }: { drafts: DraftService; campaigns: CampaignService },
): void {
  const draftNamed = async (id: string) => found(await drafts.find(id), `draft ${id}`);

  typed(api).post(
    '/drafts',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Prepares a campaign; a source is fetched meanwhile. Nothing is sent.',
        body: draftShape,
      },
    },
    async (request, reply) => {
      const { upload, ...wish } = request.body;
      const id = await drafts.create(
        { ...wish, ...(upload !== undefined && { upload }) },
        actionBy(request, ''),
      );
      return reply.code(201).send({ draft: told(await draftNamed(id)) });
    },
  );

  typed(api).get(
    '/drafts/:id',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Whether its customers are here: `fetching`, `ready` or `refused`.',
        params: ofDraft,
      },
    },
    async ({ params: { id } }) => ({ draft: told(await draftNamed(id)) }),
  );

  typed(api).post(
    '/drafts/:id/check',
    {
      config: { role: 'operator' },
      schema: {
        summary:
          'What would become of its rows, and the five customers whose cards are likeliest to look wrong.',
        params: ofDraft,
        body: z.object({ form: formShape }),
      },
    },
    async ({ params: { id }, body: { form } }) => listed(await drafts.check(await draftNamed(id), form)),
  );

  typed(api).post(
    '/drafts/:id/start',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Starts it under the id of the draft; started twice it runs once.',
        params: ofDraft,
        body: z.object({ form: formShape, reason: z.string().max(300).default('') }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { form, reason } = request.body;
      await drafts.start(await draftNamed(id), form, actionBy(request, reason));
      return reply.code(201).send({ campaign: await campaigns.find(id) });
    },
  );
}

/** Without where its customers lie on the disk of this server. */
function told({ customers, ...draft }: CampaignDraft) {
  const { state } = customers;
  return { ...draft, state, ...(state === 'refused' && { why: customers.why }) };
}

/** A map is nothing to JSON. */
function listed({ preflight, ...report }: PreflightReport) {
  return { ...report, preflight: { ...preflight, byCode: Object.fromEntries(preflight.byCode) } };
}

/** API routes of campaigns. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { MAX_FIELD_LENGTH } from '../../domain/campaigns/options/parse-options.ts';
import { reasonsOf } from '../../domain/monitoring/wait-reason.ts';
import { hasRole, type Operator } from '../../domain/operators/operator.ts';
import { csvFlavors } from '../../kit/text/csv-lines.ts';
import type { CampaignService } from '../dashboard/dashboard-service.ts';
import { sendResults, statesIn } from '../results-download.ts';
import { contextOf, found, reasonBody, reasonField, typed } from './conventions.ts';

const campaignParams = z.object({ id: z.string().max(200) });

const DELETED = 'A campaign is deleted CAMPAIGNS_KEPT_DAYS after it has ended.';

export function addCampaignApi(api: FastifyInstance, service: CampaignService): void {
  typed(api).get(
    '/campaigns',
    {
      config: { role: 'viewer' },
      schema: {
        summary:
          'Campaigns, newest first, as printed by `passbridge status --json`; `waits` says why they do not move.',
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(500).default(50),
          offset: z.coerce.number().int().min(0).default(0),
        }),
      },
    },
    async ({ query, operator }) => {
      const campaigns = await service.list(query);
      const waits = await service.waits(campaigns);
      return { campaigns: campaigns.map((campaign) => visibleTo(operator, campaign)), waits };
    },
  );

  typed(api).get(
    '/campaigns/:id',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'One campaign, its causes of failure, and why it does not move (`waits`).',
        params: campaignParams,
      },
    },
    async ({ params: { id }, operator }) => {
      const [stored, causes] = await Promise.all([service.find(id), service.failures(id)]);
      const campaign = found(stored, `campaign ${id}`, DELETED);
      return {
        campaign: visibleTo(operator, campaign),
        causes: causes.map(({ code, count }) => ({ code, count })),
        waits: reasonsOf(await service.waits([campaign]), id),
      };
    },
  );

  typed(api).get(
    '/campaigns/:id/results',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Rows that are not done, with personal data: CSV, or JSON Lines if the export was JSON.',
        params: campaignParams,
        querystring: z.object({
          states: z.string().max(200).optional().describe('E.g. `failed,unknown`; all states by default.'),
          cells: z
            .enum(csvFlavors)
            .default('exact')
            .describe(
              '`spreadsheet`: an apostrophe marks cells of a CSV that a spreadsheet could take for a formula.',
            ),
        }),
      },
    },
    async ({ params: { id }, query: { states, cells } }, reply) =>
      sendResults(reply, id, await service.results(id, statesIn(states), cells)),
  );

  const actions = [
    ['pause', service.pause, 'Pauses a campaign until it is resumed.'],
    [
      'resume',
      service.resume,
      'Resumes a campaign with the version of its program that it started with; starts a planned one now.',
    ],
    ['resume-latest', service.resumeLatest, 'Resumes a campaign with the current version of its program.'],
    ['stop', service.stop, 'Stops a campaign; unsent rows count as stopped.'],
  ] as const;
  for (const [name, run, summary] of actions) {
    typed(api).post(
      `/campaigns/:id/${name}`,
      { config: { role: 'operator' }, schema: { summary, params: campaignParams, body: reasonBody } },
      async (request) => {
        const { id } = request.params;
        await run(id, contextOf(request, request.body.reason));
        return { campaign: await service.find(id) };
      },
    );
  }

  typed(api).post(
    '/campaigns/:id/reschedule',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Changes when a planned campaign starts.',
        params: campaignParams,
        body: z.object({ startAt: startAtField, reason: reasonField }),
      },
    },
    async (request) => {
      const { id } = request.params;
      const { startAt, reason } = request.body;
      await service.reschedule(id, startAt, contextOf(request, reason));
      return { campaign: await service.find(id) };
    },
  );
}

const startAtField = z
  .string()
  .max(MAX_FIELD_LENGTH)
  .describe('Time, e.g. `2026-12-24T16:00+01:00`; without an offset it is in TIME_ZONE.');

/** Leaves out where a file lies for viewers: the last part of an upload's path is its id. */
function visibleTo({ role }: Operator, campaign: Campaign) {
  const { source, ...rest } = campaign;
  if (source.kind !== 'file' || hasRole(role, 'operator')) return campaign;
  const { path: _path, ...visible } = source;
  return { ...rest, source: visible };
}

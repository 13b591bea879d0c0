/** Campaigns for programs. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { CampaignService } from '../dashboard/dashboard-service.ts';
import { found } from './errors.ts';
import { actionBy, reasonShape, typed } from './shapes.ts';

const ofCampaign = z.object({ id: z.string().max(200) });

export function addCampaignApi(api: FastifyInstance, service: CampaignService): void {
  typed(api).get(
    '/campaigns',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Campaigns, newest first, as `passbridge status --json` prints them.',
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(500).default(50),
          offset: z.coerce.number().int().min(0).default(0),
        }),
      },
    },
    async ({ query }) => ({ campaigns: await service.list(query) }),
  );

  typed(api).get(
    '/campaigns/:id',
    {
      config: { role: 'viewer' },
      schema: { summary: 'One campaign, and what failed of it by cause.', params: ofCampaign },
    },
    async ({ params: { id } }) => {
      const [campaign, causes] = await Promise.all([service.find(id), service.failures(id)]);
      return {
        campaign: found(campaign, `campaign ${id}`),
        causes: causes.map(({ code, count }) => ({ code, count })),
      };
    },
  );

  const acts = [
    ['pause', service.pause, 'Sends nothing more of it until it is resumed.'],
    ['resume', service.resume, 'Lets it go on where it stood.'],
    [
      'resume-latest',
      service.resumeLatest,
      'Lets it go on where it stood, by what the programs file says now; otherwise it goes by what it said at the start.',
    ],
    ['stop', service.stop, 'Ends it; who was not reached is counted as stopped.'],
  ] as const;
  for (const [name, run, summary] of acts) {
    typed(api).post(
      `/campaigns/:id/${name}`,
      { config: { role: 'operator' }, schema: { summary, params: ofCampaign, body: reasonShape } },
      async (request) => {
        const { id } = request.params;
        await run(id, actionBy(request, request.body.reason));
        return { campaign: await service.find(id) };
      },
    );
  }
}

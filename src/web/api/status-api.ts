/** What programs can look at beside campaigns, failures and schedules. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DashboardService } from '../dashboard/dashboard-service.ts';
import { actionBy, typed } from './shapes.ts';

const limit = z.coerce.number().int().min(1).max(500).default(50);

export function addLookApi(api: FastifyInstance, service: DashboardService): void {
  typed(api).get(
    '/now',
    {
      config: { role: 'viewer' },
      schema: {
        summary:
          'How everything is at this moment: slots, rates, queues, health, campaigns, alerts. Times in ms.',
      },
    },
    () => service.now.now(),
  );

  typed(api).post(
    '/limits',
    {
      config: { role: 'operator' },
      schema: {
        summary:
          'Sets limits on calls for every process at once, within what is configured; null sets both back.',
        body: z.object({
          limits: z
            .object({
              maxInFlight: z.number().int().min(1).optional(),
              maxPerSecond: z.number().int().min(1).optional(),
            })
            .nullable(),
          reason: z.string().max(300).default(''),
        }),
      },
    },
    async (request) => {
      const { limits, reason } = request.body;
      if (limits === null) await service.now.resetLimits(actionBy(request, reason));
      else await service.now.setLimits(limits, actionBy(request, reason));
      return { limits: (await service.now.now()).limits };
    },
  );

  typed(api).get(
    '/customers',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Customers by e-mail, customer id, card id or job id, with what happened to them lately.',
        querystring: z.object({ q: z.string().min(1).max(320) }),
      },
    },
    async ({ query }) => ({ people: (await service.people.find(query.q)) ?? [] }),
  );

  typed(api).get(
    '/audit',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Who changed what, newest first; `next` is the `before` of the next page.',
        querystring: z.object({
          limit,
          before: z.coerce.number().int().min(1).optional(),
          on: z.string().max(300).optional(),
          by: z.string().max(100).optional(),
        }),
      },
    },
    ({ query }) => service.audit.page(query),
  );
}

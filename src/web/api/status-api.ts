/** API routes of the health, the overview, the speed limits, customer search and the audit log. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DashboardService } from '../dashboard/dashboard-service.ts';
import { contextOf, reasonBody, reasonField, typed } from './conventions.ts';

export function addStatusApi(api: FastifyInstance, service: DashboardService): void {
  typed(api).get(
    '/health',
    {
      config: { role: 'viewer' },
      schema: {
        summary:
          'Whether cards and notifications are sent, as every page shows it, and the problems, most urgent first.',
      },
    },
    () => service.health(),
  );

  typed(api).get(
    '/overview',
    {
      config: { role: 'viewer' },
      schema: {
        summary:
          'The current state: health, call slots, rates, queues, upstreams, campaigns, why they do not move (`waits`) and alerts. Times in ms since 1970.',
      },
    },
    () => service.overview.read(),
  );

  typed(api).post(
    '/limits',
    {
      config: { role: 'operator' },
      schema: {
        summary:
          'Sets the speed limits of all processes, up to the configured ones; null resets both to the defaults.',
        body: z.object({
          limits: z
            .object({
              maxInFlight: z.number().int().min(1).optional().describe('Simultaneous calls.'),
              maxPerSecond: z.number().int().min(1).optional().describe('Calls started per second.'),
            })
            .nullable(),
          reason: reasonField,
        }),
      },
    },
    async (request) => {
      const { limits, reason } = request.body;
      const context = contextOf(request, reason);
      if (limits === null) await service.overview.resetLimits(context);
      else await service.overview.setLimits(limits, context);
      return { limits: (await service.overview.read()).limits };
    },
  );

  typed(api).post(
    '/gate/open',
    {
      config: { role: 'operator' },
      schema: {
        summary:
          'Resumes calls now that pause because Passmachine or Bloomreach asked for it, or failed. Does nothing if none pause.',
        body: reasonBody,
      },
    },
    async (request) => {
      await service.overview.openGate(contextOf(request, request.body.reason));
      return { open: true };
    },
  );

  typed(api).get(
    '/customers',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Finds customers by e-mail, customer id, card id or job id, with their recent timelines.',
        querystring: z.object({ q: z.string().min(1).max(320) }),
      },
    },
    async ({ query }) => ({ customers: (await service.customers.find(query.q)) ?? [] }),
  );

  typed(api).get(
    '/diagnostics',
    {
      config: { role: 'admin' },
      schema: {
        summary:
          'The queues as BullMQ stores them; with `job`, also one job by its id or that of a customer’s job. Read-only.',
        querystring: z.object({ job: z.string().min(1).max(300).optional() }),
      },
    },
    async ({ query: { job } }) => {
      const [queues, found] = await Promise.all([
        service.diagnostics.queues(),
        job === undefined ? undefined : service.diagnostics.findJob(job),
      ]);
      return { queues, ...(job !== undefined && { job: found ?? null }) };
    },
  );

  typed(api).get(
    '/audit',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'The audit log, newest first; `next` is the `before` of the next page.',
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(500).default(50),
          before: z.coerce.number().int().min(1).optional().describe('Only entries with a lower number.'),
          target: z
            .string()
            .max(300)
            .optional()
            .describe('Only changes of this object, e.g. a campaign’s id.'),
          by: z.string().max(100).optional().describe('Only changes by this operator.'),
        }),
      },
    },
    ({ query }) => service.audit.page(query),
  );
}

/** API routes of failures and bulk actions. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MAX_SELECTED } from '../../domain/failures/bulk-action.ts';
import { MAX_RESOLUTIONS, NO_CARD } from '../../domain/failures/resolution.ts';
import type { FailureService } from '../dashboard/dashboard-service.ts';
import { bulkActionFor, excludedFor } from '../dashboard/failures/masking.ts';
import { contextOf, found, reasonBody, reasonField, typed } from './conventions.ts';

const name = z.string().min(1).max(300);

const filterShape = z.object({
  campaign: name.optional(),
  causes: z
    .array(name)
    .max(100)
    .optional()
    .describe('Ids of causes, or codes, which match all of their causes.'),
  jobs: z
    .array(z.object({ campaign: name, job: name }))
    .max(MAX_SELECTED)
    .optional(),
  unknown: z.boolean().default(false).describe('Include creates that may have made a card.'),
});

const ruleShape = z.union([
  z.object({ attribute: name, template: z.string().max(2000) }),
  z.object({ values: z.record(name, z.json()) }),
]);

const orderShape = z.object({
  kind: z.enum(['retry', 'discard', 'edit']),
  filter: filterShape,
  rule: ruleShape.optional().describe('Only for `edit`.'),
  acceptSecondCards: z
    .boolean()
    .default(false)
    .describe(
      'Confirms that customers who have a card may get a second one. Required to retry or edit with `filter.unknown`.',
    ),
  reason: reasonField,
});

const resolutionShape = z.object({
  job: name.optional().describe('Id of the job; or give the customer.'),
  customer: name.optional().describe('Customer id, with or without its type.'),
  passId: z
    .union([z.string().max(300), z.int()])
    .transform(String)
    .describe(`Id of the card that Passmachine has; ${NO_CARD}: create the card again.`),
});

const resolveShape = z.object({
  resolutions: z.array(resolutionShape).min(1).max(MAX_RESOLUTIONS),
  createAgain: z
    .boolean()
    .default(false)
    .describe('Confirms that a card that is created again may be a second one.'),
  dryRun: z.boolean().default(false).describe('Check everything and change nothing.'),
  reason: reasonField,
});

const bulkActionParams = z.object({ id: name });

export function addFailureApi(api: FastifyInstance, service: FailureService): void {
  typed(api).get(
    '/failures',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Failures by cause, most frequent first, without personal data.',
        querystring: z.object({ campaign: name.optional(), code: name.optional() }),
      },
    },
    async ({ query }) => ({
      causes: (await service.groups(query)).map(({ example: _personal, ...group }) => group),
    }),
  );

  typed(api).get(
    '/failures/:cause',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Up to 100 failures of one cause; `next` is the `after` of the next page.',
        params: z.object({ cause: name }),
        querystring: z.object({ campaign: name.optional(), after: name.optional() }),
      },
    },
    ({ params: { cause }, query: { campaign, after } }) => service.page({ cause, campaign }, after),
  );

  typed(api).post(
    '/failures/preview',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Previews an edit on up to five matching failures. Changes nothing.',
        body: z.object({ filter: filterShape, rule: ruleShape }),
      },
    },
    ({ body: { filter, rule } }) => service.preview(withoutUndefined(filter), rule),
  );

  typed(api).post(
    '/unknown/resolve',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Ends unknown creates with the cards that Passmachine has, or creates the cards again.',
        body: resolveShape,
      },
    },
    (request) => {
      const { resolutions, reason, ...options } = request.body;
      const numbered = resolutions.map(({ job, customer, passId }, index) => ({
        job,
        customer,
        passId,
        line: index + 1,
      }));
      return service.resolve(numbered, options, contextOf(request, reason));
    },
  );

  addBulkActionApi(api, service);
}

function addBulkActionApi(api: FastifyInstance, service: FailureService): void {
  typed(api).get(
    '/bulk-actions',
    { config: { role: 'viewer' }, schema: { summary: 'Bulk actions, newest first.' } },
    async ({ operator }) => ({
      bulkActions: (await service.bulkActions()).map((bulkAction) => bulkActionFor(operator, bulkAction)),
    }),
  );

  typed(api).post(
    '/bulk-actions',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Starts to retry, edit or discard all matching failures. Answers before it has finished.',
        body: orderShape,
      },
    },
    async (request, reply) => {
      const { filter, rule, reason, ...asked } = request.body;
      const order = { ...asked, filter: withoutUndefined(filter), ...(rule !== undefined && { rule }) };
      const id = await service.order(order, contextOf(request, reason));
      return reply.code(202).send({ bulkAction: await service.bulkAction(id) });
    },
  );

  typed(api).get(
    '/bulk-actions/:id',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'One bulk action with its progress, and the first 1,000 failures that it excluded.',
        params: bulkActionParams,
      },
    },
    async ({ operator, params: { id } }) => {
      const [bulkAction, excluded] = await Promise.all([service.bulkAction(id), service.excluded(id)]);
      return {
        bulkAction: bulkActionFor(operator, found(bulkAction, `bulk action ${id}`)),
        excluded: excludedFor(operator, excluded),
      };
    },
  );

  typed(api).post(
    '/bulk-actions/:id/cancel',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Cancels the remaining part of a bulk action; what is done stays done.',
        params: bulkActionParams,
        body: reasonBody,
      },
    },
    async (request) => {
      const { id } = request.params;
      await service.cancel(id, contextOf(request, request.body.reason));
      return { bulkAction: found(await service.bulkAction(id), `bulk action ${id}`) };
    },
  );
}

type WithoutUndefined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Removes fields that are undefined, for types that allow a field to be absent but not undefined. */
function withoutUndefined<T extends object>(value: T): WithoutUndefined<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== undefined),
  ) as WithoutUndefined<T>;
}

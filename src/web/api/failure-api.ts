/** Failures and receipts for programs. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MOST_SELECTED } from '../../domain/failures/bulk-action.ts';
import type { FailureService } from '../dashboard/dashboard-service.ts';
import { leftOutFor, bulkActionFor } from '../dashboard/failures/masking.ts';
import { found } from './errors.ts';
import { actionBy, reasonShape, typed } from './shapes.ts';

const name = z.string().min(1).max(300);

const filterShape = z.object({
  campaign: name.optional(),
  causes: z.array(name).max(100).optional().describe('Ids of causes, or codes for all causes of theirs.'),
  jobs: z
    .array(z.object({ campaign: name, job: name }))
    .max(MOST_SELECTED)
    .optional(),
  unknown: z.boolean().default(false).describe('Creates, too, that may or may not have made a card.'),
});

const ruleShape = z.union([
  z.object({ attribute: name, template: z.string().max(2000) }),
  z.object({ values: z.record(name, z.json()) }),
]);

const orderShape = z.object({
  kind: z.enum(['retry', 'discard', 'edit']),
  filter: filterShape,
  rule: ruleShape.optional().describe('Only with `edit`.'),
  reason: z.string().max(300).default(''),
});

const ofBulkAction = z.object({ id: name });

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
        summary: 'What an edit would do to up to five of those that are meant. Changes nothing.',
        body: z.object({ filter: filterShape, rule: ruleShape }),
      },
    },
    ({ body: { filter, rule } }) => service.preview(withoutUndefined(filter), rule),
  );

  typed(api).get(
    '/bulk-actions',
    {
      config: { role: 'viewer' },
      schema: { summary: 'What was sent again, edited or discarded, newest first.' },
    },
    async ({ operator }) => ({
      bulkActions: (await service.bulkActions()).map((bulkAction) => bulkActionFor(operator, bulkAction)),
    }),
  );

  typed(api).post(
    '/bulk-actions',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Has many failures sent again, edited or discarded; answers at once with the receipt.',
        body: orderShape,
      },
    },
    async (request, reply) => {
      const { kind, filter, rule, reason } = request.body;
      const wish = { kind, filter: withoutUndefined(filter), ...(rule !== undefined && { rule }) };
      const id = await service.order(wish, actionBy(request, reason));
      return reply.code(202).send({ bulkAction: await service.bulkAction(id) });
    },
  );

  typed(api).get(
    '/bulk-actions/:id',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'How far it is, and the first 1,000 that were left out, with the reason.',
        params: ofBulkAction,
      },
    },
    async ({ operator, params: { id } }) => {
      const [bulkAction, leftOut] = await Promise.all([service.bulkAction(id), service.leftOut(id)]);
      return {
        bulkAction: bulkActionFor(operator, found(bulkAction, `receipt ${id}`)),
        leftOut: leftOutFor(operator, leftOut),
      };
    },
  );

  typed(api).post(
    '/bulk-actions/:id/cancel',
    {
      config: { role: 'operator' },
      schema: { summary: 'Goes no further; what was done stands.', params: ofBulkAction, body: reasonShape },
    },
    async (request) => {
      const { id } = request.params;
      await service.cancel(id, actionBy(request, request.body.reason));
      return { bulkAction: found(await service.bulkAction(id), `receipt ${id}`) };
    },
  );
}

type Given<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** An absent field, as opposed to one that is undefined. */
function withoutUndefined<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Given<T>;
}

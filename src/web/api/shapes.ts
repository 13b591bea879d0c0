/** Shapes that several routes take. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ActionContext } from '../dashboard/dashboard-service.ts';
import { LONGEST_REASON } from '../dashboard/parts/confirm.tsx';

/** The same scope; requests are typed by their schemas. */
export function typed(api: FastifyInstance) {
  return api.withTypeProvider<ZodTypeProvider>();
}

/** The body of whatever changes something. */
export const reasonShape = z
  .object({ reason: z.string().max(LONGEST_REASON).default('').describe('Goes into the audit trail.') })
  .default({ reason: '' });

export function actionBy({ operator }: Pick<FastifyRequest, 'operator'>, reason: string): ActionContext {
  return { by: operator.name, via: 'api', reason };
}

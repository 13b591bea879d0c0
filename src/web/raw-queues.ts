/** Read-only view of the BullMQ queues, for admins. */

import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import { routes } from './paths.ts';

export interface RawQueuesOptions {
  /** bull-board's plugin, built for the `/queues` prefix. */
  rawQueues: FastifyPluginCallback;
}

/** Adds `/queues` to a guarded scope. */
export async function addRawQueues(scope: FastifyInstance, { rawQueues }: RawQueuesOptions): Promise<void> {
  await scope.register(
    async (queues) => {
      queues.addHook('onRoute', (route) => {
        route.config = { ...route.config, role: 'admin' };
      });
      // bull-board has write routes; a change made here would bypass the ledger.
      queues.addHook('preHandler', async ({ method }, reply) => {
        if (method === 'GET' || method === 'HEAD') return;
        return reply.code(405).header('allow', 'GET, HEAD').send({ error: 'The queues are read-only here.' });
      });
      await queues.register(rawQueues);
    },
    { prefix: routes.queues },
  );
}

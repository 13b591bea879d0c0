/** The queues behind it all, as they are: for admins only, and read-only. */

import type { FastifyInstance, FastifyPluginCallback } from 'fastify';

export interface RawQueuesOptions {
  /** Made for `/queues`. */
  rawQueues: FastifyPluginCallback;
}

/** Adds `/queues` to a scope whose routes are guarded. */
export async function addRawQueues(scope: FastifyInstance, { rawQueues }: RawQueuesOptions): Promise<void> {
  await scope.register(
    async (queues) => {
      queues.addHook('onRoute', (route) => {
        route.config = { ...route.config, role: 'admin' };
      });
      // Whatever the view offers, now or in a later version: nothing is changed behind the campaigns' backs.
      queues.addHook('preHandler', async ({ method }, reply) => {
        if (method === 'GET' || method === 'HEAD') return;
        return reply.code(405).header('allow', 'GET, HEAD').send({ error: 'The raw queues are read-only.' });
      });
      await queues.register(rawQueues);
    },
    { prefix: '/queues' },
  );
}

/** A read-only view of the queues as BullMQ stores them: bull-board as a Fastify plugin. */

import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { Queue } from 'bullmq';
import type { FastifyPluginCallback } from 'fastify';
import { dependencyFile } from '../kit/runtime/package-files.ts';
import type { RedisConnection } from '../kit/redis/redis.ts';
import { queueNames } from './names.ts';

export interface RawView {
  /** Must be registered below the path that it was opened for. */
  plugin: FastifyPluginCallback;
  close(): Promise<void>;
}

/** `path`: where the plugin will be registered, e.g. `/queues`. */
export function openRawView(redis: RedisConnection, prefix: string, path: string): RawView {
  const queues = Object.values(queueNames).map((name) => new Queue(name, { connection: redis, prefix }));
  // They reconnect on their own; without a listener BullMQ would print every lost connection.
  for (const queue of queues) queue.on('error', () => {});
  const adapter = new FastifyAdapter().setBasePath(path);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
    serverAdapter: adapter,
    options: { uiBasePath: dependencyFile('@bull-board/ui'), uiConfig: {} },
  });
  return {
    plugin: adapter.registerPlugin(),
    async close() {
      await Promise.all(queues.map((queue) => queue.close()));
    },
  };
}

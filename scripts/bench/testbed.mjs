/** Where a contestant runs: a stand-in server and a broker of its own, in a folder that is gone afterwards. */

import { openPostgres } from './brokers/postgres.mjs';
import { openRedis } from './brokers/redis.mjs';
import { stopChild } from './child.mjs';
import { startStandIn } from './server/start.mjs';
import { makeTemporaryFolder } from './temporary-folder.mjs';

const brokers = { redis: openRedis, postgres: openPostgres };

/**
 * Opens one for `kind` of broker, or for none, and calls `use` with it; `heat` is {latencyMs, warmUp,
 * calls}. What `use` starts it adds to `children`, and nothing of all that is left when it is over.
 */
export async function inArena(kind, heat, use) {
  const { path: folder, remove } = await makeTemporaryFolder();
  const children = [];
  const closing = [remove];
  try {
    const server = await startStandIn(heat);
    closing.push(server.stop);
    const broker = await brokers[kind]?.(folder);
    if (broker !== undefined) closing.push(broker.close);
    closing.push(() => Promise.all(children.map((child) => stopChild(child))));
    return await use({ folder, server, url: server.url, broker, jobs: heat.warmUp + heat.calls, children });
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

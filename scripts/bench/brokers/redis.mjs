/** A real redis-server for one run, as passbridge starts it for itself: append-only file, synced every second. */

import { Redis } from 'ioredis';
import { openPrivateRedis } from '../../../dist/kit/private-redis/open.js';
import { atExit } from '../at-exit.mjs';

export async function openRedis(folder) {
  const server = await openPrivateRedis({ dataDir: folder, env: process.env });
  // It outlives the processes that use it, unless one of them says otherwise.
  const release = atExit(() => process.kill(server.pid, 'SIGKILL'));
  const redis = new Redis(server.path);
  const field = async (section, name) =>
    new RegExp(`^${name}:(\\S+)`, 'm').exec(await redis.info(section))?.[1];
  return {
    name: `Redis ${await field('server', 'redis_version')}, appendonly everysec`,
    /** What a contestant connects to. */
    connection: { socket: server.path },
    pids: () => [server.pid],
    /** Commands processed so far, those inside scripts counted one by one. */
    commands: async () => Number(await field('stats', 'total_commands_processed')),
    /** What its data take. */
    usedBytes: async () => Number(await field('memory', 'used_memory')),
    async close() {
      redis.disconnect();
      await server.close();
      release();
    },
  };
}

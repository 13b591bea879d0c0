/** A redis-server for one run, as passbridge starts its private one: append-only file, synced every second. */

import { Redis } from 'ioredis';
import { openPrivateRedis } from '../../../dist/kit/private-redis/private-redis.js';
import { atExit } from '../cleanup.mjs';

/** @param {string} folder */
export async function openRedis(folder) {
  const server = await openPrivateRedis({ dataDir: folder, env: process.env });
  // The server is detached from this process and would survive it.
  const cancel = atExit(() => process.kill(server.pid, 'SIGKILL'));
  const redis = new Redis(server.path);
  const infoField = async (section, name) =>
    new RegExp(`^${name}:(\\S+)`, 'm').exec(await redis.info(section))?.[1];
  return {
    name: `Redis ${await infoField('server', 'redis_version')}, appendonly everysec`,
    connection: { socket: server.path },
    pids: () => [server.pid],
    commands: async () => Number(await infoField('stats', 'total_commands_processed')),
    usedBytes: async () => Number(await infoField('memory', 'used_memory')),
    async close() {
      redis.disconnect();
      await server.close();
      cancel();
    },
  };
}

/** A program with a private Redis: opens it, prints `{path, pid}` and closes it when stdin ends. */

import { openPrivateRedis } from '../../../dist/kit/private-redis/private-redis.js';

const redis = await openPrivateRedis({ dataDir: process.argv[2] ?? '', env: process.env });
process.stdout.write(`${JSON.stringify({ path: redis.path, pid: redis.pid })}\n`);
process.stdin.resume().once('end', () => void redis.close());

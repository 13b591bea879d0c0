/** Starts a built image with a real Redis and runs its health check. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRedisServer } from '../../dist/kit/private-redis/find-binary.js';
import { inStage, user } from './build.mjs';

const HEALTHY_WITHIN_MS = 60_000;

/** Credentials; nothing is called with them. */
const settings = Object.fromEntries(
  ['ACCOUNT_ID', 'PUBLIC_TOKEN', 'SECRET_TOKEN']
    .map((name) => `PASSMACHINE_${name}`)
    .concat(['PROJECT_TOKEN', 'API_KEY_ID', 'API_SECRET'].map((name) => `BLOOMREACH_${name}`))
    .map((name) => [name, 'none']),
);

/** Starts the image, waits until it is healthy and stops it. Throws if the health check reports a wrong state. */
export async function runImage(image, { programs, work, say }) {
  const redisFolder = join(work, 'redis');
  await mkdir(redisFolder);
  const [port, metricsPort, redisPort] = [await freePort(), await freePort(), await freePort()];
  const redis = await startRedis(redisFolder, redisPort, say);
  const config = join(image.root, 'config');
  await mkdir(config, { recursive: true });
  await cp(programs, join(config, 'programs.yaml'));
  const env = {
    PATH: process.env['PATH'],
    ...image.env,
    // Options of `docker run`, with the paths of the image on this machine.
    ...Object.fromEntries(
      ['DATA_DIR', 'PROGRAMS_FILE'].map((name) => [name, inStage(image, image.env[name])]),
    ),
    HOST: '127.0.0.1',
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    PASSMACHINE_URL: 'http://127.0.0.1:9',
    BLOOMREACH_URL: 'http://127.0.0.1:9',
    ...settings,
  };
  if (image.user === 'root') throw new Error('The image runs as root.');
  const options = { cwd: inStage(image, image.cwd), env, ...user };
  const [command, ...args] = [...image.entrypoint, ...image.cmd];
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'ignore'] });
  const ended = once(child, 'exit');
  const isHealthy = async () => {
    const [probe, ...probeArgs] = image.check;
    const [code] = await once(spawn(probe, probeArgs, { ...options, stdio: 'ignore' }), 'exit');
    return code === 0;
  };
  try {
    const deadline = Date.now() + HEALTHY_WITHIN_MS;
    while (!(await isHealthy())) {
      if (Date.now() > deadline || child.exitCode !== null)
        throw new Error('The image did not become healthy within 60 s.');
      await sleep(200);
    }
    say('healthy');
    child.kill('SIGTERM');
    const [code] = await ended;
    if (code !== 0) throw new Error(`The image exited with code ${code} after SIGTERM; it must exit with 0.`);
    if (await isHealthy()) throw new Error('The health check reports a stopped process as healthy.');
    say('stopped cleanly; the health check failed afterwards, as it must');
  } finally {
    child.kill('SIGKILL');
    redis.kill();
    await once(redis, 'exit');
  }
}

async function startRedis(dir, port, say) {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const cacheDir = join(cache, 'passbridge', 'redis-server');
  const binary = await findRedisServer({ cacheDir, env: process.env, say });
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''];
  const redis = spawn(binary.file, args, { env: binary.env, stdio: 'ignore' });
  await once(redis, 'spawn');
  return redis;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

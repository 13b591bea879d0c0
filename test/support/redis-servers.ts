/** Redis servers for one test: single servers, a Cluster, a master with sentinels. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { findRedisServer } from '../../src/kit/private-redis/find-binary.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export interface TestServer {
  port: number;
  /** `127.0.0.1:port`. */
  address: string;
  redis: Redis;
  /** Ends it by `kill -9`, as a power cut would. */
  kill(): Promise<void>;
  /** Suspends the process, as if its machine were unreachable. */
  freeze(): void;
  /** Resumes it. */
  thaw(): void;
}

/** Starts a server with additional settings. It stops when the test ends. */
export async function startServer(settings: Record<string, string> = {}): Promise<TestServer> {
  return launch({ appendonly: 'yes', save: '', 'maxmemory-policy': 'noeviction', ...settings });
}

const clusterSettings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '2000' };

/** Starts three masters that share the slots. */
export async function startCluster(): Promise<TestServer[]> {
  const nodes = await Promise.all([0, 1, 2].map(() => startServer(clusterSettings)));
  const [first] = nodes;
  for (const [index, node] of nodes.entries()) {
    const [from, to] = [Math.floor((index * 16_384) / 3), Math.floor(((index + 1) * 16_384) / 3) - 1];
    await node.redis.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
    await node.redis.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  }
  for (const node of nodes.slice(1)) {
    await node.redis.call('CLUSTER', 'MEET', '127.0.0.1', first!.port, first!.port + BUS_OFFSET);
  }
  await eventually(async () => {
    for (const node of nodes) {
      const info = String(await node.redis.call('CLUSTER', 'INFO'));
      if (!/cluster_state:ok/.test(info) || !/cluster_known_nodes:3/.test(info)) throw new Error(info);
    }
  });
  return nodes;
}

/** Adds a replica to each node of a Cluster. */
export async function addReplicas(nodes: readonly TestServer[]): Promise<void> {
  for (const node of nodes) {
    const replica = await startServer({ ...clusterSettings, 'repl-diskless-sync-delay': '0' });
    await replica.redis.call('CLUSTER', 'MEET', '127.0.0.1', node.port, node.port + BUS_OFFSET);
    const id = String(await node.redis.call('CLUSTER', 'MYID'));
    await eventually(() => replica.redis.call('CLUSTER', 'REPLICATE', id));
  }
  await eventually(async () => {
    for (const node of nodes) {
      const info = await node.redis.info('replication');
      const known = String(await node.redis.call('CLUSTER', 'NODES')).match(/ slave /g)?.length;
      if (!info.includes('state=online') || known !== nodes.length) throw new Error(info);
    }
  });
}

/** Starts a master, its replicas, and three sentinels that monitor them as `main`. */
export async function startSentinels({ replicas: count = 1, settings = {} } = {}) {
  const master = await startServer(settings);
  const replicas = await Promise.all(
    Array.from({ length: count }, () =>
      startServer({ ...settings, replicaof: `127.0.0.1 ${master.port}`, 'repl-diskless-sync-delay': '0' }),
    ),
  );
  await eventually(async () => {
    const info = await master.redis.info('replication');
    if (info.split('state=online').length !== count + 1) throw new Error(info);
  });
  const sentinels = await Promise.all(
    [0, 1, 2].map(() =>
      launch({}, [
        '--sentinel',
        `sentinel monitor main 127.0.0.1 ${master.port} 2`,
        'sentinel down-after-milliseconds main 1000',
        'sentinel failover-timeout main 5000',
      ]),
    ),
  );
  await eventually(async () => {
    for (const sentinel of sentinels) {
      const info = await sentinel.redis.info('sentinel');
      if (!info.includes(`status=ok,address=127.0.0.1:${master.port},slaves=${count},sentinels=3`)) {
        throw new Error(info);
      }
    }
  });
  const url = `redis+sentinel://${sentinels.map(({ address }) => address).join(',')}/main`;
  return { master, replicas, sentinels, url };
}

/** A Cluster node's bus listens this far above its port. */
const BUS_OFFSET = 10_000;

async function launch(settings: Record<string, string>, sentinel?: string[]): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-redis-'));
  const env = process.env;
  const cacheDir = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'passbridge', 'redis-server');
  const binary = await findRedisServer({ binary: env['REDIS_SERVER_BIN'], cacheDir, env, say: () => {} });
  const port = await freePort(65_535 - BUS_OFFSET);
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${folder}`,
    ...Object.entries(settings).map(([name, value]) => `${name} ${value === '' ? '""' : value}`),
    ...(sentinel ?? []).filter((line) => !line.startsWith('--')),
  ];
  const config = join(folder, 'redis.conf');
  await writeFile(config, `${lines.join('\n')}\n`);
  const child: ChildProcess = spawn(
    binary.file,
    [config, ...(sentinel === undefined ? [] : ['--sentinel'])],
    {
      cwd: folder,
      env: binary.env,
      stdio: 'ignore',
    },
  );
  const exited = once(child, 'exit');
  const redis = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  redis.on('error', () => {});
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(async () => {
    redis.disconnect();
    await kill();
    await rm(folder, { recursive: true, force: true });
  });
  await redis.ping();
  return {
    port,
    address: `127.0.0.1:${port}`,
    redis,
    kill,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  };
}

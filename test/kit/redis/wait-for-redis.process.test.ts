/** Wrong addresses and unsuitable servers, tested with real servers. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { connectRedis } from '../../../src/kit/redis/redis.ts';
import { parseRedisAddress } from '../../../src/kit/redis/address.ts';
import { redisProblems } from '../../../src/kit/redis/check.ts';
import { waitForRedis } from '../../../src/kit/redis/wait-for-redis.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { startTlsServer } from '../../support/tls-server.ts';
import { startLoadingRedis } from '../../support/loading-redis.ts';
import { startCluster, startSentinels, startServer } from '../../support/redis-servers.ts';

function connect(url: string) {
  const address = parseRedisAddress(url);
  if (!address.ok) throw new Error(address.problem);
  const redis = connectRedis(address.value);
  onTestFinished(() => redis.disconnect());
  return redis;
}

const wait = (url: string) => waitForRedis(connect(url), { say: () => {} });

it('explains a wrong scheme or password for a single server', async () => {
  const { address, redis } = await startServer();
  expect(await wait(`redis://${address}`)).toBeUndefined();
  expect(await wait(`redis+cluster://${address}`)).toMatch(/not a Cluster.*redis:\/\//);
  expect(await wait(`redis+sentinel://${address}/main`)).toMatch(/not a sentinel/);
  await redis.config('SET', 'requirepass', 's3cret');
  expect(await wait(`redis://${address}`)).toMatch(/password/);
  expect(await wait(`redis://:wrong@${address}`)).toMatch(/password/);
  expect(await wait(`redis://:s3cret@${address}`)).toBeUndefined();
});

it('waits for a server that is down and reports why', async () => {
  const { address, kill } = await startServer();
  await kill();
  const line = await new Promise(
    (resolve) => void waitForRedis(connect(`redis://${address}`), { say: resolve }),
  );
  expect(line).toMatch(/Waiting for Redis: .*ECONNREFUSED/);
});

const LIMIT_MS = 1500;

/** Returns the problem with which a wait of limited time ends. */
async function giveUp(url: string): Promise<string | undefined> {
  return waitForRedis(connect(url), { say: () => {}, giveUpAfterMs: LIMIT_MS });
}

it('gives up on an address that cannot work, and says what to do', async () => {
  const silentServer = createServer(() => {});
  silentServer.listen(0, '127.0.0.1');
  await once(silentServer, 'listening');
  onTestFinished(() => void silentServer.close());
  const { port } = silentServer.address() as AddressInfo;
  const { address } = await startServer();
  const tls = await startTlsServer();
  const [refused, unknown, plain, certificate, silent] = await Promise.all([
    giveUp(`redis://127.0.0.1:${await freePort()}`),
    giveUp('redis://redis.invalid:6379'),
    giveUp(`rediss://${address}`),
    giveUp(`rediss://localhost:${tls.port}`),
    giveUp(`redis://127.0.0.1:${port}`),
  ]);
  expect(refused).toMatch(/within 2 s \(.*ECONNREFUSED.*\)\. Nothing listens .+ Start Redis/);
  expect(unknown).toMatch(/(ENOTFOUND|EAI_AGAIN).+ The host in REDIS_URL is unknown/);
  expect(plain).toMatch(/does not speak TLS .+ redis:\/\/|does not answer as Redis does/);
  expect(certificate).toMatch(/self.signed.+ cannot be verified\. Set NODE_EXTRA_CA_CERTS/);
  expect(silent).toMatch(/does not answer as Redis does.+ rediss:\/\//);
});

it('waits longer than its limit for a Redis that loads its data', async () => {
  const loading = await startLoadingRedis();
  const waiting = giveUp(`redis://127.0.0.1:${loading.port}`);
  await eventually(() => expect(loading.infos()).toBeGreaterThan(3));
  loading.finish();
  expect(await waiting).toBeUndefined();
});

it('checks the master name with the sentinels and every replica as a possible master', async () => {
  const { url, sentinels, replicas } = await startSentinels();
  expect(await wait(url.replace('/main', '/other'))).toMatch(/no master of that name/);
  expect(await redisProblems(connect(`redis://${sentinels[0]?.address}`))).toEqual([
    expect.stringMatching(/redis\+sentinel:/),
  ]);
  const redis = connect(url);
  expect(await waitForRedis(redis, { say: () => {} })).toBeUndefined();
  expect(await redisProblems(redis)).toEqual([]);
  await replicas[0]?.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  expect(await redisProblems(redis)).toEqual([
    expect.stringMatching(`^${replicas[0]?.address}: .*allkeys-lru.*noeviction`),
  ]);
});

it('checks every node of a Cluster and rejects the address of a single node', async () => {
  const nodes = await startCluster();
  expect(await redisProblems(connect(`redis://${nodes[1]?.address}`))).toEqual([
    expect.stringMatching(/redis\+cluster:/),
  ]);
  const redis = connect(`redis+cluster://${nodes[0]?.address}`);
  expect(await waitForRedis(redis, { say: () => {} })).toBeUndefined();
  expect(await redisProblems(redis)).toEqual([]);
  await nodes[2]?.redis.config('SET', 'maxmemory-policy', 'volatile-ttl');
  expect(await redisProblems(redis)).toEqual([
    expect.stringMatching(`^${nodes[2]?.address}: .*volatile-ttl.*noeviction`),
  ]);
});

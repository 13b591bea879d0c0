/** Wrong addresses and unsuitable servers, tested with real servers. */

import { expect, it, onTestFinished } from 'vitest';
import { connectRedis } from '../../../src/kit/redis/redis.ts';
import { parseRedisAddress } from '../../../src/kit/redis/address.ts';
import { redisProblems } from '../../../src/kit/redis/check.ts';
import { waitForRedis } from '../../../src/kit/redis/wait-for-redis.ts';
import { startCluster, startSentinels, startServer } from '../../support/redis-servers.ts';

function connect(url: string) {
  const address = parseRedisAddress(url);
  if (!address.ok) throw new Error(address.problem);
  const redis = connectRedis(address.value);
  onTestFinished(() => redis.disconnect());
  return redis;
}

const wait = (url: string) => waitForRedis(connect(url), () => {});

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
  const line = await new Promise((resolve) => void waitForRedis(connect(`redis://${address}`), resolve));
  expect(line).toMatch(/Waiting for Redis: .*ECONNREFUSED/);
});

it('checks the master name with the sentinels and every replica as a possible master', async () => {
  const { url, sentinels, replicas } = await startSentinels();
  expect(await wait(url.replace('/main', '/other'))).toMatch(/no master of that name/);
  expect(await redisProblems(connect(`redis://${sentinels[0]?.address}`))).toEqual([
    expect.stringMatching(/redis\+sentinel:/),
  ]);
  const redis = connect(url);
  expect(await waitForRedis(redis, () => {})).toBeUndefined();
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
  expect(await waitForRedis(redis, () => {})).toBeUndefined();
  expect(await redisProblems(redis)).toEqual([]);
  await nodes[2]?.redis.config('SET', 'maxmemory-policy', 'volatile-ttl');
  expect(await redisProblems(redis)).toEqual([
    expect.stringMatching(`^${nodes[2]?.address}: .*volatile-ttl.*noeviction`),
  ]);
});

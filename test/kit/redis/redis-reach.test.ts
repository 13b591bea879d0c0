/** Addresses that are of something else, and servers that are not what they should be, by real ones. */

import { expect, it, onTestFinished } from 'vitest';
import { connectPatiently } from '../../../src/kit/redis/redis.ts';
import { readRedisAddress } from '../../../src/kit/redis/redis-address.ts';
import { redisProblems } from '../../../src/kit/redis/redis-check.ts';
import { reachRedis } from '../../../src/kit/redis/redis-reach.ts';
import { startCluster, startSentinels, startServer } from '../../support/redis-servers.ts';

function connect(url: string) {
  const address = readRedisAddress(url);
  if (!address.ok) throw new Error(address.problem);
  const redis = connectPatiently(address.value);
  onTestFinished(() => redis.disconnect());
  return redis;
}

const reach = (url: string) => reachRedis(connect(url), () => {});

it('a single server is neither a Cluster nor a sentinel, and minds its password', async () => {
  const { place, redis } = await startServer();
  expect(await reach(`redis://${place}`)).toBeUndefined();
  expect(await reach(`redis+cluster://${place}`)).toMatch(/no Cluster.*redis:\/\//);
  expect(await reach(`redis+sentinel://${place}/main`)).toMatch(/no sentinel/);
  await redis.config('SET', 'requirepass', 's3cret');
  expect(await reach(`redis://${place}`)).toMatch(/password/);
  expect(await reach(`redis://:wrong@${place}`)).toMatch(/password/);
  expect(await reach(`redis://:s3cret@${place}`)).toBeUndefined();
});

it('one that is away is waited for, and a person is told why', async () => {
  const { place, kill } = await startServer();
  await kill();
  const said = await new Promise((resolve) => void reachRedis(connect(`redis://${place}`), resolve));
  expect(said).toMatch(/Waiting for Redis: .*ECONNREFUSED/);
});

it('sentinels know their masters by name, and every replica is judged as the master that it may become', async () => {
  const { url, sentinels, replicas } = await startSentinels();
  expect(await reach(url.replace('/main', '/other'))).toMatch(/no master of that name/);
  expect(await redisProblems(connect(`redis://${sentinels[0]?.place}`))).toEqual([
    expect.stringMatching(/redis\+sentinel:/),
  ]);
  const redis = connect(url);
  expect(await reachRedis(redis, () => {})).toBeUndefined();
  expect(await redisProblems(redis)).toEqual([]);
  await replicas[0]?.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  expect(await redisProblems(redis)).toEqual([
    expect.stringMatching(`^${replicas[0]?.place}: .*allkeys-lru.*noeviction`),
  ]);
});

it('a Cluster is judged by every node, and is no single server', async () => {
  const nodes = await startCluster();
  expect(await redisProblems(connect(`redis://${nodes[1]?.place}`))).toEqual([
    expect.stringMatching(/redis\+cluster:/),
  ]);
  const redis = connect(`redis+cluster://${nodes[0]?.place}`);
  expect(await reachRedis(redis, () => {})).toBeUndefined();
  expect(await redisProblems(redis)).toEqual([]);
  await nodes[2]?.redis.config('SET', 'maxmemory-policy', 'volatile-ttl');
  expect(await redisProblems(redis)).toEqual([
    expect.stringMatching(`^${nodes[2]?.place}: .*volatile-ttl.*noeviction`),
  ]);
});

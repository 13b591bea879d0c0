import { expect, it } from 'vitest';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeLeases } from '../../src/ledger/leases.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

function openProcesses() {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  return { redis, keys, first: makeLeases(redis, keys), second: makeLeases(redis, keys) };
}

it('gives a lease to one process until it releases it', async () => {
  const { first, second } = openProcesses();
  expect([await first.acquire('a', 5000), await second.acquire('a', 5000)]).toEqual([true, false]);
  expect([await first.acquire('a', 5000), await second.acquire('b', 5000)]).toEqual([true, true]);
  await second.release('a');
  expect(await second.acquire('a', 5000)).toBe(false);
  await first.release('a');
  expect(await second.acquire('a', 5000)).toBe(true);
});

it('gives an expired lease to the next process', async () => {
  const { redis, keys, first, second } = openProcesses();
  await first.acquire('a', 5000);
  expect(await redis.pttl(keys.lease('a'))).toBeGreaterThan(4000);
  await redis.pexpire(keys.lease('a'), 1);
  await expect.poll(() => second.acquire('a', 5000)).toBe(true);
  expect(await first.acquire('a', 5000)).toBe(false);
});

it('elects a leader with a lease', async () => {
  const { first, second } = openProcesses();
  const [leader, follower] = [first.leader('a', 5000), second.leader('a', 5000)];
  expect([await leader.acquire(), await follower.acquire()]).toEqual([true, false]);
  await leader.release();
  expect(await follower.acquire()).toBe(true);
});

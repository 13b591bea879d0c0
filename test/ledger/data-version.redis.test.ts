/** The version of the stored data, in a real Redis. */

import { describe, expect, it } from 'vitest';
import { DATA_VERSION, makeDataVersion } from '../../src/ledger/data-version.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

function open(prefix = testPrefix()) {
  const redis = openRedis();
  const keys = makeLedgerKeys(prefix);
  return { redis, prefix, keys, data: makeDataVersion(redis, keys, prefix) };
}

describe('the data version', () => {
  it('is set by the first process, and found by the next', async () => {
    const { redis, prefix, keys, data } = open();
    const checks = Array.from({ length: 5 }, () => open(prefix).data.check());
    expect(await Promise.all([data.check(), ...checks])).toEqual(Array(6).fill(DATA_VERSION));
    // Keys with unchanged names are written afterwards.
    await redis.zadd(keys.campaigns, 1, 'run');
    expect(await data.check()).toBe(DATA_VERSION);
  });

  it.each([
    ['a campaign', 'campaigns'],
    ['an audit entry', 'audit'],
    ['a write-back', 'outbox'],
    ['a queue', 'pass:meta'],
  ])('is 1 if the store holds %s but no version', async (_, name) => {
    const { redis, prefix, data } = open();
    await redis.set(`${prefix}:${name}`, 'x');
    expect(await data.check()).toBe(1);
    expect(await redis.keys(`${prefix}:*`)).toEqual([`${prefix}:${name}`]);
  });
});

describe('wiping old data', () => {
  it('deletes the keys of the ledger and the queues under the prefix, and no others', async () => {
    const { redis, prefix, keys, data } = open();
    const names = ['campaigns', 'campaign:run', 'draft:d', 'pass:wait', 'pass:run-1', 'campaigns:meta'];
    for (const name of names) await redis.set(`${prefix}:${name}`, 'x');
    for (let n = 0; n < 2500; n += 1) redis.set(`${prefix}:c:${n}`, '1').catch(() => {});
    const neighbor = `${prefix}-2:campaigns`;
    await redis.set(neighbor, 'x');
    expect(await data.check()).toBe(1);
    await data.wipe();
    expect(await redis.keys(`${prefix}*`)).toEqual(expect.arrayContaining([neighbor, keys.dataVersion]));
    expect(await redis.keys(`${prefix}*`)).toHaveLength(2);
    expect(await data.check()).toBe(DATA_VERSION);
  });

  it('takes the data for old until it is complete', async () => {
    const { redis, prefix, keys, data } = open();
    await redis.set(keys.campaign('run'), 'x');
    // As left by a process that died while it deleted.
    await redis.set(keys.dataVersion, '0');
    expect(await data.check()).toBe(0);
    await data.wipe();
    expect(await redis.keys(`${prefix}:*`)).toEqual([keys.dataVersion]);
  });

  it('takes a prefix literally', async () => {
    const prefix = `${testPrefix()}[a]*`;
    const { redis, keys, data } = open(prefix);
    const neighbor = prefix.replace('[a]*', 'a:campaigns');
    await redis.set(neighbor, 'x');
    await redis.set(keys.campaigns, 'x');
    await data.wipe();
    expect([await redis.exists(neighbor), await redis.exists(keys.campaigns)]).toEqual([1, 0]);
  });
});

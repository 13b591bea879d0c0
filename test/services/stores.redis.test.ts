/** Opening the stores on a Redis with data of another version. */

import { QueueKeys } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { makeCampaignLedger } from '../../src/ledger/campaigns/campaign-ledger.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { queueNames } from '../../src/queue/names.ts';
import { openStores } from '../../src/services/stores.ts';
import { UserError } from '../../src/kit/user-error.ts';
import { makeOrder } from '../support/make.ts';
import { openRedis, sharedDataDir, testPrefix } from '../support/redis.ts';

async function openWith(prefix: string, { wipeOldData = false } = {}) {
  const config = loadConfig({ env: { DATA_DIR: sharedDataDir(), QUEUE_PREFIX: prefix }, cwd: '/tmp' });
  const lines: string[] = [];
  const stores = await openStores(config, {
    env: process.env,
    say: (line) => void lines.push(line),
    wipeOldData,
  });
  const campaigns = await stores.campaigns.allIds();
  await stores.close();
  return { campaigns, lines };
}

describe('stores', () => {
  it('refuse data of an older passbridge and name both ways out', async () => {
    const redis = openRedis();
    const prefix = testPrefix();
    await makeCampaignLedger(redis, makeLedgerKeys(prefix)).create(makeOrder());
    const before = (await redis.keys(`${prefix}:*`)).toSorted();
    const refusal = await openWith(prefix).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UserError);
    expect(refusal).toMatchObject({
      code: 'OUTDATED_DATA',
      message: expect.stringContaining(`under QUEUE_PREFIX ${prefix} was written by an older passbridge`),
    });
    expect(String(refusal)).toMatch(/--wipe-old-data.+another QUEUE_PREFIX/);
    expect((await redis.keys(`${prefix}:*`)).toSorted()).toEqual(before);
  });

  it('delete data of an older passbridge on request, once', async () => {
    const redis = openRedis();
    const prefix = testPrefix();
    const campaigns = makeCampaignLedger(redis, makeLedgerKeys(prefix));
    await campaigns.create(makeOrder());
    const waiting = new QueueKeys(prefix).toKey(queueNames.pass, 'wait');
    await redis.lpush(waiting, 'run-1');
    const { lines, campaigns: left } = await openWith(prefix, { wipeOldData: true });
    expect([lines, left]).toEqual([[expect.stringContaining('Deleting the data')], []]);
    expect(await redis.exists(waiting)).toBe(0);
    await campaigns.create(makeOrder());
    expect(await openWith(prefix, { wipeOldData: true })).toEqual({ campaigns: ['run'], lines: [] });
  });

  it('refuse data of a newer passbridge, even if old data may be deleted', async () => {
    const redis = openRedis();
    const prefix = testPrefix();
    await redis.set(makeLedgerKeys(prefix).dataVersion, 99);
    await expect(openWith(prefix, { wipeOldData: true })).rejects.toThrow(
      /written by a newer passbridge \(data version 99/,
    );
  });
});

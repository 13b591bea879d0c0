/** Which rows of an import batch Bloomreach gets to see, after write-backs by other roads. */

import { describe, expect, it } from 'vitest';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeImportBatches } from '../../../src/ledger/write-back/import-batches.ts';
import { makeOutbox } from '../../../src/ledger/write-back/outbox.ts';
import { makeOrder, makeQueued } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const CARD_TTL_MS = 600_000;

async function setUp() {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  const campaigns = makeCampaignLedger(redis, keys);
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: CARD_TTL_MS, clock: Date.now });
  const batches = makeImportBatches(redis, keys);
  const outbox = makeOutbox(redis, keys);

  const start = async (
    id: string,
    {
      byImport = false,
      program = 'loyalty',
      action = 'reissue',
    }: { byImport?: boolean; program?: string; action?: 'reissue' | 'update' } = {},
  ) => {
    await campaigns.create({
      ...makeOrder(id),
      program,
      action,
      ...(byImport && { importAbove: 1, expected: 100 }),
    });
  };
  /** Settles a job of a customer; its properties are named by their values. */
  const settle = async (
    campaign: string,
    n: number,
    properties: Record<string, string>,
    { program = 'loyalty', hasCard = true } = {},
  ) => {
    const customer = { ids: { registered: `c-${n}` }, attributes: {} };
    const job = makeQueued(n, { id: `${campaign}-${n}`, campaign, program, customer, replaces: true });
    const queued = { ...job, runId: 'r' };
    await jobs.claim(queued);
    await jobs.settle(queued, {
      state: 'done',
      ...(hasCard && { card: { passId: `${campaign}-${n}`, issuedAt: 1 } }),
      writeBack: {
        id: job.id,
        campaign,
        row: n,
        name: 'customers',
        data: { customer_ids: customer.ids, properties },
        refusals: 0,
      },
    });
  };
  const seal = async (campaign: string) => {
    await batches.seal(campaign);
    const batch = await batches.take(60_000);
    return batch?.id ?? '';
  };
  const serve = async (id: string) => {
    const served = { rows: [] as string[], sentByBatch: 0 };
    for await (const page of batches.serve(id)) {
      served.rows.push(...page.rows.map((row) => row.id));
      served.sentByBatch += page.sentByBatch;
    }
    return served;
  };
  const waiting = async () => Object.keys(await redis.hgetall(keys.outbox)).toSorted();
  return { redis, keys, campaigns, jobs, batches, outbox, start, settle, seal, serve, waiting };
}

const id = (value: string) => ({ passmachine_pass_id: value });
const hash = (value: string) => ({ passmachine_pass_hash: value });

describe('an import file', () => {
  it('leaves out the customers that have got a newer card by batch since', async () => {
    const { campaigns, batches, start, settle, seal, serve, waiting } = await setUp();
    await start('large', { byImport: true });
    await start('small');
    for (const n of [1, 2, 3]) await settle('large', n, id(`old-${n}`));
    const batch = await seal('large');
    await settle('small', 2, id('new-2'));
    expect(await serve(batch)).toEqual({ rows: ['large-1', 'large-3'], sentByBatch: 1 });
    // Each with its own date, so the newest wins in whichever order they are sent.
    expect(await waiting()).toEqual(['large-2', 'small-2']);
    await batches.markDelivered(batch);
    expect(await campaigns.find('large')).toMatchObject({ done: 3, writeBacks: 3, writtenBack: 2 });
  });

  it('serves the same rows again after an interrupted download, and none twice by other roads', async () => {
    const { campaigns, batches, start, settle, seal, serve } = await setUp();
    await start('large', { byImport: true });
    await start('small');
    for (const n of [1, 2, 3]) await settle('large', n, id(`old-${n}`));
    const batch = await seal('large');
    await settle('small', 1, id('new-1'));
    expect((await serve(batch)).rows).toEqual(['large-2', 'large-3']);
    await settle('small', 2, id('new-2'));
    expect(await serve(batch)).toEqual({ rows: ['large-3'], sentByBatch: 1 });
    await batches.markDelivered(batch);
    await batches.markDelivered(batch);
    expect(await campaigns.find('large')).toMatchObject({ writeBacks: 3, writtenBack: 1 });
  });

  it('dates and delays the next write-back of a served customer, so that it wins against the import', async () => {
    const { redis, keys, start, settle, seal, serve } = await setUp();
    await start('large', { byImport: true });
    await start('small');
    await settle('large', 1, id('old'));
    const batch = await seal('large');
    await serve(batch);
    const servedAt = Date.now();
    await settle('small', 1, id('new'));
    const due = Number(await redis.zscore(keys.outboxDue, 'small-1'));
    const { at } = JSON.parse((await redis.hget(keys.outbox, 'small-1')) ?? '') as { at: number };
    expect(at).toBe(due);
    expect(at).toBeGreaterThan(servedAt + 55_000);
  });

  it.each([
    ['first', ['one', 'two']],
    ['last', ['two', 'one']],
  ])('has the newest card of two imports if the older is fetched %s', async (_, order) => {
    const { start, settle, seal, serve } = await setUp();
    const rows: string[] = [];
    const sealed: Record<string, string> = {};
    for (const campaign of ['one', 'two']) {
      await start(campaign, { byImport: true });
      await settle(campaign, 1, id(campaign));
      sealed[campaign] = await seal(campaign);
    }
    for (const campaign of order) rows.push(...(await serve(sealed[campaign] ?? '')).rows);
    expect(rows).toEqual(['two-1']);
  });

  it('leaves the attributes of a customer to batches if another program has written some since', async () => {
    const { start, settle, seal, serve, waiting } = await setUp();
    await start('large', { byImport: true });
    await start('other', { program: 'vip' });
    await settle('large', 1, id('old'));
    const batch = await seal('large');
    await settle('other', 1, id('of-vip'), { program: 'vip' });
    expect(await serve(batch)).toEqual({ rows: [], sentByBatch: 1 });
    // Each with its own time, so the newest wins for each attribute.
    expect(await waiting()).toEqual(['large-1', 'other-1']);
  });

  it('has the newest data hash only', async () => {
    const { start, settle, seal, serve, waiting } = await setUp();
    await start('nightly', { byImport: true, action: 'update' });
    await start('urgent', { action: 'update' });
    for (const n of [1, 2]) await settle('nightly', n, hash('h1'), { hasCard: false });
    const batch = await seal('nightly');
    await settle('urgent', 1, hash('h2'), { hasCard: false });
    expect((await serve(batch)).rows).toEqual(['nightly-2']);
    expect(await waiting()).toEqual(['nightly-1', 'urgent-1']);
  });

  it('dates the write-backs of a customer in the order in which they were recorded, in one millisecond too', async () => {
    const { redis, keys, start, settle } = await setUp();
    await start('large', { byImport: true });
    await start('small');
    const ahead = Date.now() + 3_600_000;
    await settle('large', 1, id('old'));
    // As after the clock of Redis was set back by an hour.
    await redis.set(keys.latestWriteBack('registered:c-1'), ahead);
    await settle('small', 1, id('new'));
    expect(JSON.parse((await redis.hget(keys.outbox, 'small-1')) ?? '')).toMatchObject({ at: ahead + 1 });
  });

  it('leaves all customers to batches if what is known about them was lost', async () => {
    const { redis, keys, start, settle, seal, serve, waiting } = await setUp();
    await start('large', { byImport: true });
    await settle('large', 1, id('old'));
    const batch = await seal('large');
    await redis.del(keys.latestWriteBack('registered:c-1'));
    expect((await serve(batch)).rows).toEqual([]);
    expect(await waiting()).toEqual(['large-1']);
  });

  it('has no customers that were forgotten', async () => {
    const { batches, campaigns, jobs, start, settle, seal, serve, waiting } = await setUp();
    await start('large', { byImport: true });
    for (const n of [1, 2]) await settle('large', n, id(`old-${n}`));
    const batch = await seal('large');
    await jobs.eraseCard('loyalty', { ids: { registered: 'c-1' }, attributes: {} });
    for await (const page of batches.sealed())
      await page.find(({ writeBack }) => writeBack.row === 1)?.erase();
    expect((await serve(batch)).rows).toEqual(['large-2']);
    expect(await waiting()).toEqual([]);
    await batches.markDelivered(batch);
    expect(await campaigns.find('large')).toMatchObject({ writeBacks: 1, writtenBack: 1 });
  });

  it('ends, and is not delivered, once its batch falls back to the outbox', async () => {
    const { redis, keys, batches, campaigns, start, settle, seal, serve, waiting } = await setUp();
    await start('large', { byImport: true });
    for (const n of [1, 2, 3]) await settle('large', n, id(`old-${n}`));
    const batch = await seal('large');
    await redis.hset(keys.importBatch(batch), 'fallsBack', 1);
    expect((await serve(batch)).rows).toEqual([]);
    await batches.markDelivered(batch);
    expect(await campaigns.find('large')).toMatchObject({ writtenBack: 0 });
    await batches.fallBack(batch);
    expect(await waiting()).toEqual(['large-1', 'large-2', 'large-3']);
    expect(await batches.openCount()).toBe(0);
  });

  it('forgets the times of its customers one minute after it was fetched', async () => {
    const { redis, keys, batches, start, settle, seal, serve } = await setUp();
    await start('large', { byImport: true });
    await settle('large', 1, id('old'));
    const batch = await seal('large');
    expect(await redis.pttl(keys.latestWriteBack('registered:c-1'))).toBeGreaterThan(86_400_000);
    await serve(batch);
    await batches.markDelivered(batch);
    expect(await redis.pttl(keys.latestWriteBack('registered:c-1'))).toBeLessThanOrEqual(60_000);
  });
});

/** Memory of a customer in Redis, compared with the budgets in `ledger/keys.ts`. */

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PASS_ID_ATTRIBUTE } from '../../src/domain/jobs/pass-job.ts';
import type { WriteBack } from '../../src/domain/jobs/write-back.ts';
import { openPrivateRedis } from '../../src/kit/private-redis/private-redis.ts';
import { makeJobLedger } from '../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeOutbox } from '../../src/ledger/write-back/outbox.ts';
import { makeTimelineWriter } from '../../src/ledger/customers/timeline-writer.ts';
import { makeQueued, makeWriteBack } from '../support/make.ts';

const TTL_MS = 7 * 86_400_000;
const CUSTOMERS = 40_000;

async function openLedger({ customerIndex }: { customerIndex: boolean }) {
  const dataDir = await mkdtemp(join(tmpdir(), 'passbridge-memory-'));
  const server = await openPrivateRedis({ dataDir, env: process.env });
  const redis = new Redis(server.path);
  onTestFinished(async () => {
    redis.disconnect();
    await server.close();
    await rm(dataDir, { recursive: true });
  });
  const keys = makeLedgerKeys('{passbridge}');
  const timeline = customerIndex ? makeTimelineWriter(keys, { ttlMs: TTL_MS, clock: Date.now }) : undefined;
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: TTL_MS, timeline, clock: Date.now });
  const outbox = makeOutbox(redis, keys, timeline);

  return {
    jobs,
    outbox,
    /** Returns the bytes of Redis for each customer, after `settle` for all of them. */
    async bytesPerCustomer(settle: (rows: readonly number[]) => Promise<unknown>): Promise<number> {
      const before = await usedMemory(redis);
      for (let first = 0; first < CUSTOMERS; first += 1000) {
        await settle(Array.from({ length: 1000 }, (_, n) => first + n));
      }
      // These keys belong to the campaign.
      await redis.del(keys.campaign(CAMPAIGN), keys.settled(CAMPAIGN));
      return ((await usedMemory(redis)) - before) / CUSTOMERS;
    },
  };
}

/** Returns the bytes for each customer with a card that was written back. */
async function bytesPerCard(options: { customerIndex: boolean }): Promise<number> {
  const { jobs, outbox, bytesPerCustomer } = await openLedger(options);
  const settle = async (row: number) => {
    const customer = { ids: idsOf(row), attributes: { email: `zofie.novakova.${row}@example.com` } };
    await jobs.settle(makeQueued(row, { id: `${CAMPAIGN}-${row}`, campaign: CAMPAIGN, customer }), {
      state: 'done',
      card: { passId: randomUUID(), issuedAt: 1 },
      writeBack: writeBackOf(row),
    });
  };
  return bytesPerCustomer(async (rows) => {
    await Promise.all(rows.map(settle));
    await outbox.markDelivered(rows.map((row) => writeBackOf(row)));
  });
}

/** Returns the bytes for each card that was updated. */
async function bytesPerChangedCard(): Promise<number> {
  const { jobs, bytesPerCustomer } = await openLedger({ customerIndex: false });
  const settle = async (row: number) => {
    const customer = { ids: idsOf(row), attributes: { [PASS_ID_ATTRIBUTE]: randomUUID() } };
    const id = `${CAMPAIGN}-${row}`;
    const order = 1_796_072_677_917_278;
    const update = makeQueued(row, { id, campaign: CAMPAIGN, customer, action: 'update', order });
    await jobs.settle({ ...update, fields: '/templateVariables' }, { state: 'done' });
  };
  return bytesPerCustomer((rows) => Promise.all(rows.map(settle)));
}

const CAMPAIGN = 'loyalty-issue-20261123-x7k2';

const idsOf = (row: number) => ({ registered: String(10_000_000 + row) });

function writeBackOf(row: number): WriteBack {
  return {
    ...makeWriteBack(row),
    id: `${CAMPAIGN}-${row}`,
    campaign: CAMPAIGN,
    data: { customer_ids: idsOf(row), properties: {} },
  };
}

/** Without the buffers of connections and of the append-only file, which hold the last commands for a while. */
async function usedMemory(redis: Redis): Promise<number> {
  const text = await redis.info('memory');
  const bytes = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1]);
  return bytes('used_memory') - bytes('mem_clients_normal') - bytes('mem_aof_buffer');
}

describe('a card in the ledger', () => {
  it('costs no more than 175 bytes', async () => {
    expect(await bytesPerCard({ customerIndex: false })).toBeLessThanOrEqual(175);
  });

  it('costs no more than 475 bytes with the customer index, once it is written back', async () => {
    expect(await bytesPerCard({ customerIndex: true })).toBeLessThanOrEqual(475);
  });

  it('costs no more than 205 bytes more for each kind of change', async () => {
    expect(await bytesPerChangedCard()).toBeLessThanOrEqual(205);
  });
});

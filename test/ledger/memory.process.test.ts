/** Memory of a customer in Redis, compared with the budgets in `ledger/keys.ts`. */

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WriteBack } from '../../src/domain/jobs/write-back.ts';
import { openPrivateRedis } from '../../src/kit/private-redis/private-redis.ts';
import { makeJobLedger } from '../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeOutbox } from '../../src/ledger/write-back/outbox.ts';
import { makeTimelineWriter } from '../../src/ledger/customers/timeline-writer.ts';
import { makeQueued, makeWriteBack } from '../support/make.ts';

const TTL_MS = 7 * 86_400_000;
const CUSTOMERS = 40_000;

/** Returns the bytes of Redis for each customer with a card. */
async function bytesPerCustomer({ customerIndex }: { customerIndex: boolean }): Promise<number> {
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

  const before = await usedMemory(redis);
  for (let first = 0; first < CUSTOMERS; first += 1000) {
    const rows = Array.from({ length: 1000 }, (_, n) => first + n);
    await Promise.all(rows.map(settle));
    await outbox.markDelivered(rows.map((row) => writeBackOf(row)));
  }
  // These keys belong to the campaign.
  await redis.del(keys.campaign(CAMPAIGN), keys.settled(CAMPAIGN));
  return ((await usedMemory(redis)) - before) / CUSTOMERS;

  async function settle(row: number): Promise<void> {
    const customer = { ids: idsOf(row), attributes: { email: `zofie.novakova.${row}@example.com` } };
    await jobs.settle(makeQueued(row, { id: `${CAMPAIGN}-${row}`, campaign: CAMPAIGN, customer }), {
      state: 'done',
      card: { passId: randomUUID(), issuedAt: 1 },
      writeBack: writeBackOf(row),
    });
  }
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

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}

describe('a card in the ledger', () => {
  it('costs no more than 160 bytes', async () => {
    expect(await bytesPerCustomer({ customerIndex: false })).toBeLessThanOrEqual(160);
  });

  it('costs no more than 450 bytes with the customer index, once it is written back', async () => {
    expect(await bytesPerCustomer({ customerIndex: true })).toBeLessThanOrEqual(450);
  });
});

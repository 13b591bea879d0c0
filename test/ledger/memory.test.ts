/** What a customer costs in Redis, against the budgets that `ledger/keys.ts` states. */

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WriteBack } from '../../src/domain/jobs/write-back.ts';
import { openPrivateRedis } from '../../src/kit/private-redis/open.ts';
import { makeJobLedger } from '../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeOutbox } from '../../src/ledger/write-back/outbox.ts';
import { makeTimelineWrites } from '../../src/ledger/customers/timeline-writes.ts';
import { makeQueued, makeWriteBack } from '../support/make.ts';

const TTL_MS = 7 * 86_400_000;
const CUSTOMERS = 40_000;

/** Bytes of Redis that a customer's card takes, once made. */
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
  const people = customerIndex ? makeTimelineWrites(keys, { ttlMs: TTL_MS, clock: Date.now }) : undefined;
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: TTL_MS, people, clock: Date.now });

  const outbox = makeOutbox(redis, keys, people);

  const before = await usedMemory(redis);
  for (let first = 0; first < CUSTOMERS; first += 1000) {
    const rows = Array.from({ length: 1000 }, (_, n) => first + n);
    await Promise.all(rows.map(settle));
    await outbox.delivered(rows.map((row) => writeBackOf(row)));
  }
  // What belongs to the campaign and not to the customer.
  await redis.del(keys.campaign(CAMPAIGN), keys.settled(CAMPAIGN));
  return ((await usedMemory(redis)) - before) / CUSTOMERS;

  function settle(row: number): Promise<boolean> {
    const customer = { ids: idsOf(row), attributes: { email: `zofie.novakova.${row}@example.com` } };
    return jobs.settle(makeQueued(row, { id: `${CAMPAIGN}-${row}`, campaign: CAMPAIGN, customer }), {
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
    data: { customer_ids: idsOf(row), properties: {}, update_timestamp: 1 },
  };
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}

describe('a card in the ledger', () => {
  it('costs no more than 160 bytes', async () => {
    expect(await bytesPerCustomer({ customerIndex: false })).toBeLessThanOrEqual(160);
  });

  it('costs no more than 450 bytes with the people index, once it is written back', async () => {
    expect(await bytesPerCustomer({ customerIndex: true })).toBeLessThanOrEqual(450);
  });
});

import { describe, expect, it } from 'vitest';
import { failure } from '../../../src/domain/failures/failure.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeOutbox } from '../../../src/ledger/write-back/outbox.ts';
import { makeQueued, makeOrder, makeWriteBack } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

/** Makes an outbox with the write-backs of rows 1 to `count`, ready at 1, 2, 3 … ms. */
async function setUp(count: number) {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  const campaigns = makeCampaignLedger(redis, keys);
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: 60_000, clock: Date.now });
  await campaigns.create(makeOrder());
  for (let row = 1; row <= count; row += 1) {
    await jobs.settle(makeQueued(row), { state: 'done', writeBack: makeWriteBack(row, row) });
  }
  const outbox = makeOutbox(redis, keys);
  const take = (now: number, size = 50) => outbox.take({ size, maxWaitMs: 1000, leaseMs: 500, now });
  return { outbox, campaigns, take };
}

const ids = (entries: readonly { id: string }[]) => entries.map(({ id }) => id);

describe('the outbox', () => {
  it('hands out a full batch immediately, oldest first', async () => {
    const { take } = await setUp(5);
    expect(ids(await take(10, 3))).toEqual(['run-1', 'run-2', 'run-3']);
    expect(await take(10, 3)).toEqual([]);
  });

  it('hands out a smaller batch once its oldest entry has waited long enough', async () => {
    const { take } = await setUp(2);
    expect(await take(1000)).toEqual([]);
    expect(ids(await take(1001))).toEqual(['run-1', 'run-2']);
  });

  it('hands entries out again after their lease expired, and not before', async () => {
    const { outbox, take } = await setUp(2);
    const [first] = await take(1001);
    await outbox.markDelivered([first!]);
    expect(await take(1500, 1)).toEqual([]);
    expect(ids(await take(2501))).toEqual(['run-2']);
  });

  it('counts a delivery once', async () => {
    const { outbox, campaigns, take } = await setUp(2);
    const entries = await take(1001);
    await outbox.markDelivered(entries);
    await outbox.markDelivered(entries);
    expect(await campaigns.find('run')).toMatchObject({
      writeBacks: 2,
      writtenBack: 2,
      writeBackFailures: 0,
    });
    expect(await outbox.depth()).toEqual({ waiting: 0, oldestDue: undefined });
  });

  it('requeues entries for later', async () => {
    const { outbox, take } = await setUp(1);
    const [entry] = await take(1001);
    await outbox.requeue([{ ...entry!, refusals: 1 }], 5000);
    expect(await take(4999, 1)).toEqual([]);
    expect(await take(5000, 1)).toEqual([{ ...entry, refusals: 1 }]);
  });

  it('does not requeue an entry that another process delivered', async () => {
    const { outbox, take } = await setUp(1);
    const entries = await take(1001);
    await outbox.markDelivered(entries);
    await outbox.requeue(entries, 2000);
    expect(await take(9000, 1)).toEqual([]);
  });

  it('moves an entry that is given up to the failures once', async () => {
    const { outbox, campaigns, take } = await setUp(1);
    const [entry] = await take(1001);
    const refusal = failure('BR_COMMAND_REFUSED', 'no such customer');
    await outbox.giveUp(entry!, refusal, 9);
    await outbox.giveUp(entry!, refusal, 9);
    expect(await campaigns.find('run')).toMatchObject({
      writeBacks: 1,
      writtenBack: 0,
      writeBackFailures: 1,
    });
    expect(await campaigns.failures('run')).toEqual([
      { code: 'BR_COMMAND_REFUSED', count: 1, examples: [{ row: 1, detail: 'no such customer' }] },
    ]);
  });
});

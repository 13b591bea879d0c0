import { describe, expect, it } from 'vitest';
import { failure } from '../../../src/domain/failures/failure.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeBloomreachPauses } from '../../../src/ledger/write-back/bloomreach-pause.ts';
import { makeOutbox } from '../../../src/ledger/write-back/outbox.ts';
import { makeQueued, makeOrder, makeWriteBack } from '../../support/make.ts';
import { passOutboxTime } from '../../support/outbox.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const LEASE_MS = 60_000;

/** The clock of a host that is an hour ahead. */
const ahead = () => Date.now() + 3_600_000;

/** Makes an outbox with the write-backs of rows 1 to `count`. */
async function setUp(count: number) {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  const campaigns = makeCampaignLedger(redis, keys);
  const jobs = makeJobLedger(redis, keys, { cardTtlMs: 60_000, clock: Date.now });
  await campaigns.create(makeOrder());
  for (let row = 1; row <= count; row += 1) {
    await jobs.settle(makeQueued(row), { state: 'done', writeBack: makeWriteBack(row) });
  }
  const outbox = makeOutbox(redis, keys);
  const take = async ({ size = 50, maxWaitMs = 0 } = {}) =>
    (await outbox.take({ size, maxWaitMs, leaseMs: LEASE_MS })) ?? {
      entries: [],
      lease: '',
      isProbe: false,
      lost: [],
    };
  const pass = (ms: number) => passOutboxTime(redis, keys, ms);
  return { redis, keys, outbox, campaigns, jobs, pauses: makeBloomreachPauses(redis, keys), take, pass };
}

const ids = ({ entries }: { entries: readonly { id: string }[] }) => entries.map(({ id }) => id);

describe('the outbox', () => {
  it('hands out a full batch immediately, oldest first', async () => {
    const { take } = await setUp(5);
    expect(ids(await take({ size: 3, maxWaitMs: 60_000 }))).toEqual(['run-1', 'run-2', 'run-3']);
    expect(ids(await take({ size: 3, maxWaitMs: 60_000 }))).toEqual([]);
  });

  it('hands out a smaller batch once its oldest entry has waited long enough', async () => {
    const { take, pass } = await setUp(2);
    expect(ids(await take({ maxWaitMs: 60_000 }))).toEqual([]);
    await pass(60_000);
    expect(ids(await take({ maxWaitMs: 60_000 }))).toEqual(['run-1', 'run-2']);
  });

  it('names entries whose content is lost, once, and counts them as failed', async () => {
    const { redis, keys, campaigns, outbox, take } = await setUp(3);
    await redis.hdel(keys.outbox, 'run-1', 'run-3');
    expect(await take()).toMatchObject({ entries: [{ id: 'run-2' }], lost: ['run-1', 'run-3'] });
    expect(await campaigns.find('run')).toMatchObject({ writeBacks: 3, writeBackFailures: 2 });
    expect(await outbox.depth()).toMatchObject({ waiting: 1 });
  });

  it('begins no probe with entries whose content is lost', async () => {
    const { redis, keys, jobs, pauses, take } = await setUp(1);
    await redis.hdel(keys.outbox, 'run-1');
    await pauses.pause(failure('BR_UNAVAILABLE', ''), { isProbe: false, random: 0 });
    await redis.hset(keys.bloomreachPause, 'until', 1);
    expect(await take()).toMatchObject({ entries: [], lost: ['run-1'] });
    await jobs.settle(makeQueued(2), { state: 'done', writeBack: makeWriteBack(2) });
    expect(await take()).toMatchObject({ entries: [{ id: 'run-2' }], lost: [], isProbe: true });
  });

  it('hands entries out again after their lease expired, and not before', async () => {
    const { outbox, take, pass } = await setUp(2);
    const { entries } = await take();
    await outbox.markDelivered([entries[0]!]);
    expect(ids(await take())).toEqual([]);
    await pass(LEASE_MS);
    expect(ids(await take())).toEqual(['run-2']);
  });

  it('keeps entries leased while their lease is renewed', async () => {
    const { outbox, take, pass } = await setUp(2);
    const taken = await take();
    await pass(LEASE_MS - 1000);
    const renewed = await outbox.renew(
      { ...taken, lease: await shifted(taken.lease, LEASE_MS - 1000) },
      LEASE_MS,
    );
    expect(renewed).toBeDefined();
    await pass(LEASE_MS - 1000);
    expect(ids(await take())).toEqual([]);
  });

  it('renews no lease that another process has taken over, nor one of an erased entry', async () => {
    const { outbox, take, pass } = await setUp(2);
    const first = await take();
    await pass(LEASE_MS);
    const second = await take();
    expect(ids(second)).toEqual(['run-1', 'run-2']);
    expect(await outbox.renew(first, LEASE_MS)).toBeUndefined();
    for await (const page of outbox.pending()) {
      await page.find(({ writeBack }) => writeBack.id === 'run-1')?.erase();
    }
    expect(await outbox.renew(second, LEASE_MS)).toBeUndefined();
  });

  it('lets only the holder of the lease requeue or give up an entry', async () => {
    const { outbox, campaigns, take, pass } = await setUp(1);
    const lost = await take();
    await pass(LEASE_MS);
    const held = await take();
    await outbox.requeue(lost.entries, lost.lease, 0);
    await outbox.giveUp(lost.entries[0]!, lost.lease, failure('BR_COMMAND_REFUSED', ''), 1);
    expect(ids(await take())).toEqual([]);
    expect(await campaigns.find('run')).toMatchObject({ writeBackFailures: 0 });
    await outbox.requeue(held.entries, held.lease, 0);
    expect(ids(await take())).toEqual(['run-1']);
  });

  it('counts a delivery once, also if another process holds the lease', async () => {
    const { outbox, campaigns, take, pass } = await setUp(2);
    const { entries } = await take();
    await pass(LEASE_MS);
    await take();
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
    const { outbox, take, pass } = await setUp(1);
    const { entries, lease } = await take();
    const again = [{ ...entries[0]!, refusals: 1 }];
    await outbox.requeue(again, lease, 60_000);
    expect(ids(await take())).toEqual([]);
    await pass(60_000);
    expect((await take()).entries).toEqual(again);
  });

  it('does not requeue an entry that another process delivered', async () => {
    const { outbox, take, pass } = await setUp(1);
    const { entries, lease } = await take();
    await outbox.markDelivered(entries);
    await outbox.requeue(entries, lease, 0);
    await pass(LEASE_MS);
    expect(ids(await take())).toEqual([]);
  });

  it('moves an entry that is given up to the failures once', async () => {
    const { outbox, campaigns, take } = await setUp(1);
    const { entries, lease } = await take();
    const refusal = failure('BR_COMMAND_REFUSED', 'no such customer');
    await outbox.giveUp(entries[0]!, lease, refusal, 9);
    await outbox.giveUp(entries[0]!, lease, refusal, 9);
    expect(await campaigns.find('run')).toMatchObject({
      writeBacks: 1,
      writtenBack: 0,
      writeBackFailures: 1,
    });
    expect(await campaigns.failures('run')).toEqual([
      { code: 'BR_COMMAND_REFUSED', count: 1, examples: [{ row: 1, detail: 'no such customer' }] },
    ]);
  });

  it('uses the clock of Redis, so a host that is an hour ahead delays nothing', async () => {
    const redis = openRedis();
    const keys = makeLedgerKeys(testPrefix());
    const jobs = makeJobLedger(redis, keys, { cardTtlMs: 60_000, clock: ahead });
    await makeCampaignLedger(redis, keys).create(makeOrder());
    await jobs.settle(makeQueued(1), { state: 'done', writeBack: makeWriteBack(1, ahead()) });
    const taken = await makeOutbox(redis, keys).take({ size: 50, maxWaitMs: 0, leaseMs: LEASE_MS });
    expect(taken?.entries).toHaveLength(1);
    expect(taken?.entries[0]?.at).toBeLessThan(Date.now() + 60_000);
  });
});

describe('a pause', () => {
  it('keeps no name of a customer from the answer that caused it', async () => {
    const { redis, keys, pauses } = await setUp(1);
    const answer = failure('BR_UNAVAILABLE', 'Customer Jana Nováková (jana@example.com) blocked', {
      status: 500,
    });
    await pauses.pause(answer, { isProbe: false, random: 0 });
    expect(await pauses.current()).toMatchObject({ detail: 'Customer … (…) blocked' });
    expect(JSON.stringify(await redis.hgetall(keys.bloomreachPause))).not.toMatch(/Jana|Nov|@/);
  });

  const down = failure('BR_UNAVAILABLE', 'maintenance', { status: 503 });
  const limited = failure('BR_RATE_LIMITED', '', { status: 429, retryAfterMs: 1_800_000 });

  it('keeps every process from taking entries, and says since when, for how long and why', async () => {
    const { pauses, take } = await setUp(1);
    expect(await pauses.current()).toBeUndefined();
    expect(await pauses.pause(limited, { isProbe: false, random: 0 })).toBe(1_800_000);
    expect(ids(await take())).toEqual([]);
    const current = await pauses.current();
    expect(current).toMatchObject({ code: 'BR_RATE_LIMITED', status: 429, detail: '' });
    expect(current?.leftMs).toBeGreaterThan(1_700_000);
  });

  it('ends when an operator resumes', async () => {
    const { pauses, take } = await setUp(1);
    await pauses.pause(limited, { isProbe: false, random: 0 });
    expect(await pauses.resume()).toBe(true);
    expect(await pauses.resume()).toBe(false);
    expect((await take()).entries).toHaveLength(1);
  });

  it('lengthens with each failed probe, up to 30 seconds, and not with other calls in flight', async () => {
    const { pauses } = await setUp(0);
    const probe = () => pauses.pause(down, { isProbe: true, random: 0 });
    const [first, ...others] = [
      await pauses.pause(down, { isProbe: false, random: 0 }),
      await pauses.pause(down, { isProbe: false, random: 0 }),
    ];
    expect(first).toBe(1000);
    expect(others[0]).toBeLessThanOrEqual(1000);
    const probes = [];
    for (let nth = 0; nth < 6; nth += 1) probes.push(await probe());
    expect(probes).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('lets one process probe when it is over, and the others wait for its answer', async () => {
    const { pauses, take, outbox } = await setUp(3);
    await pauses.pause(failure('BR_UNAVAILABLE', '', { retryAfterMs: 0 }), { isProbe: false, random: 0 });
    await expect.poll(async () => (await pauses.current())?.leftMs, { timeout: 10_000 }).toBe(0);
    const probe = await take({ size: 1 });
    expect(probe).toMatchObject({ isProbe: true, entries: [{ id: 'run-1' }] });
    expect(ids(await take({ size: 1 }))).toEqual([]);
    await pauses.resume();
    await outbox.markDelivered(probe.entries);
    expect(await take({ size: 1 })).toMatchObject({ isProbe: false, entries: [{ id: 'run-2' }] });
  });
});

/** The lease after {@link passOutboxTime} moved it. */
async function shifted(lease: string, ms: number): Promise<string> {
  return String(Number(lease) - ms);
}

import { describe, expect, it } from 'vitest';
import { deleteEnded } from '../../../src/services/campaigns/delete-ended.ts';
import { failure } from '../../../src/domain/failures/failure.ts';
import type { CampaignOrder } from '../../../src/domain/campaigns/campaign.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeOrder, makeQueued, makeWriteBack, silent, testAction } from '../../support/make.ts';
import { openTestStores } from '../../support/stores.ts';

const DAY = 86_400_000;
/** When the campaigns of these tests are closed. */
const ENDED = systemClock();
const LATER = ENDED + 90 * DAY;

const jobOf = (id: string, row: number) => makeQueued(row, { id: `${id}-${row}`, campaign: id });

async function setUp() {
  const { stores, keys } = await openTestStores();
  const { campaigns, jobs, redis } = stores;
  /** Creates a campaign whose rows are skipped when they are read, and closes it. */
  const end = async (id: string, more: Partial<CampaignOrder> = {}, rows = 20) => {
    await campaigns.create({ ...makeOrder(id), ...more }, takeOf(id, more));
    const filtered = Array.from({ length: rows }, (_, n) => ({
      row: n + 1,
      end: { state: 'skipped', reason: 'has-card' } as const,
    }));
    await campaigns.accept(id, rows, filtered, 0);
    await campaigns.markFed(id, 0);
    await campaigns.close(id, { isOver: false, now: ENDED });
  };
  const run = (now = LATER) => deleteEnded(stores, { before: now - 60 * DAY, now }, silent);
  const keysOf = (id: string) => redis.keys(`${keys.campaign(id)}*`);
  return { stores, keys, campaigns, jobs, redis, end, run, keysOf };
}

function takeOf(id: string, { source }: Partial<CampaignOrder>) {
  if (source?.kind !== 'file' || source.from === undefined) return undefined;
  return { source: source.from, key: `file of ${id}`, modifiedAt: source.fingerprint.mtimeMs };
}

const fetched = (from: string, mtimeMs: number) =>
  ({ kind: 'file', path: '/x.csv', from, fingerprint: { size: 1, mtimeMs } }) as const;

describe('deleting campaigns', () => {
  it('leaves nothing of a campaign that ended long ago', async () => {
    const { campaigns, redis, keys, end, run, keysOf } = await setUp();
    await end('run');
    expect(await run(ENDED + 59 * DAY)).toBe(0);
    expect(await run()).toBe(1);
    expect(await campaigns.find('run')).toBeUndefined();
    expect(await keysOf('run')).toEqual([]);
    expect([await campaigns.openIds(), await campaigns.allIds()]).toEqual([[], []]);
    expect(await redis.hkeys(keys.campaignSerials)).toEqual(['last']);
    expect(await redis.exists(keys.removals, keys.endedCampaigns)).toBe(0);
  });

  it('keeps an open campaign, however old', async () => {
    const { campaigns, end, run } = await setUp();
    await campaigns.create(makeOrder('running'));
    await end('run');
    expect(await run()).toBe(1);
    expect(await campaigns.allIds()).toEqual(['running']);
  });

  it('keeps a campaign with unknown outcomes until an operator has decided', async () => {
    const { stores, campaigns, jobs, end, run } = await setUp();
    await end('other');
    await campaigns.create(makeOrder('run'));
    await campaigns.accept('run', 1, [], 0);
    await campaigns.markFed('run', 0);
    const why = { failure: failure('PM_UNKNOWN_RESET', 'reset'), attempts: 1, at: 5 };
    await jobs.settle(jobOf('run', 1), { state: 'unknown', ...why });
    expect(await campaigns.close('run', { isOver: false, now: ENDED })).toBe(true);
    expect(await run()).toBe(1);
    expect(await campaigns.allIds()).toEqual(['run']);

    await stores.bulkActions.open(
      { id: 'r', kind: 'discard', filter: { campaign: 'run', unknown: true }, by: 'eva', reason: 'x', at: 9 },
      1,
    );
    await stores.bulkActions.start('r');
    const [cause] = await stores.failures.causes('run');
    const [record] = await stores.failures.find('run', cause?.cause.id ?? '', ['run-1']);
    await stores.failureActions.discard(
      'run',
      record!,
      { cause: cause?.cause.id ?? '', bulkAction: 'r' },
      { by: 'eva', reason: 'made', at: 9 },
    );
    expect(await run()).toBe(1);
    expect(await campaigns.allIds()).toEqual([]);
    expect(await stores.bulkActions.find('r')).toBeUndefined();
    expect(await stores.bulkActions.openIds()).toEqual([]);
  });

  it('keeps a stopped campaign until its unsent jobs are deleted', async () => {
    const { stores, campaigns, run } = await setUp();
    await campaigns.create(makeOrder('run'));
    await campaigns.accept('run', 1, [], 0);
    await stores.campaignSwitch.halt('run', 'stopped', { kind: 'operator', at: 1, ...testAction });
    await stores.parked.park(jobOf('run', 1));
    expect(await campaigns.close('run', { isOver: false, now: ENDED })).toBe(true);
    expect(await run()).toBe(0);
    await stores.jobs.skipForgotten(jobOf('run', 1));
    expect(await run()).toBe(1);
  });

  it('opens a campaign again whose write-backs are pending', async () => {
    const { campaigns, redis, keys, end, run } = await setUp();
    await end('run');
    // A result that arrived after the campaign was closed.
    await redis.hincrby(keys.campaign('run'), 'writeBacks', 1);
    expect(await run()).toBe(0);
    expect(await campaigns.openIds()).toEqual(['run']);
  });

  it('finishes a removal that a crash interrupted', async () => {
    const { stores, campaigns, end, run, keysOf } = await setUp();
    await end('run', {}, 9000);
    await stores.campaignRemoval.begin({ id: 'run', rows: 9000, causes: [] }, LATER);
    expect(await campaigns.find('run')).toBeUndefined();
    expect(await keysOf('run')).not.toEqual([]);
    expect(await run()).toBe(1);
    expect(await keysOf('run')).toEqual([]);
    expect(await stores.campaignRemoval.unfinished()).toEqual([]);
  });

  it('remembers the newest file of a source, so that no older one is sent again', async () => {
    const { stores, end, run } = await setUp();
    await end('first', { source: fetched('crm', 10) });
    await end('second', { source: fetched('crm', 20) });
    expect(await run()).toBe(2);
    const { keys: taken, newest } = await stores.takenFiles.of('crm');
    expect([[...taken.values()], newest]).toEqual([['second'], 20]);
  });

  it('deletes program versions that no campaign uses, except for those stored within a day', async () => {
    const { stores, campaigns, end, run } = await setUp();
    const { programVersions } = stores;
    for (const version of ['used', 'unused']) await programVersions.save({ version, source: {} });
    await campaigns.create({ ...makeOrder('running'), programVersion: 'used' });
    await end('young', { programVersion: 'unused' });
    expect(await deleteEnded(stores, { before: LATER, now: ENDED }, silent)).toBe(1);
    expect(await programVersions.find('unused')).toEqual({});
    await end('run', { programVersion: 'unused' });
    expect(await run()).toBe(1);
    expect(await programVersions.find('unused')).toBeUndefined();
    expect(await programVersions.find('used')).toEqual({});
  });

  it('deletes a bounded number of campaigns in one run, and skips those that it keeps', async () => {
    const { stores, campaigns, jobs, end } = await setUp();
    await campaigns.create(makeOrder('kept'));
    await campaigns.accept('kept', 1, [], 0);
    await campaigns.markFed('kept', 0);
    const why = { failure: failure('PM_REFUSED', 'no'), attempts: 1, at: 5 };
    await jobs.settle(jobOf('kept', 1), { state: 'rejected', ...why });
    await campaigns.close('kept', { isOver: false, now: ENDED - 1 });
    for (let n = 0; n < 5; n += 1) await end(`run-${n}`);
    const run = () => deleteEnded(stores, { before: LATER, now: LATER, max: 3 }, silent);
    expect([await run(), await run(), await run()]).toEqual([3, 2, 0]);
    expect(await campaigns.allIds()).toEqual(['kept']);
  });

  it('deletes the customers of the rows, which the index keeps for each campaign', async () => {
    const { stores, campaigns, run, keysOf } = await setUp();
    await campaigns.create(makeOrder('run'));
    await campaigns.accept('run', 9000, [], 0);
    await campaigns.markFed('run', 0);
    for (let row = 1; row <= 9000; row += 4000) {
      await stores.jobs.settle(jobOf('run', row), {
        state: 'done',
        card: { passId: `p-${row}`, issuedAt: 1 },
        writeBack: { ...makeWriteBack(row), id: `run-${row}` },
      });
    }
    expect((await keysOf('run')).filter((key) => key.includes(':customers:'))).toHaveLength(3);
    await stores.redis.hset(makeLedgerKeys(stores.prefix).campaign('run'), {
      writeBacks: 0,
      skipped: 9000 - 3,
    });
    expect(await campaigns.close('run', { isOver: false, now: ENDED })).toBe(true);
    expect(await run()).toBe(1);
    expect(await keysOf('run')).toEqual([]);
  });
});

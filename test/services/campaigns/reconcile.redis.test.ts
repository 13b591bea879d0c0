import { describe, expect, it } from 'vitest';
import { needsFeeder, reconcile } from '../../../src/services/campaigns/reconcile.ts';
import { failure } from '../../../src/domain/failures/failure.ts';
import { dayCampaign } from '../../../src/domain/jobs/webhook-request.ts';
import { makeOrder, makeQueued, makeWriteBack, testAction } from '../../support/make.ts';
import { openTestStores } from '../../support/stores.ts';

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;

const jobOf = (id: string, row: number) => makeQueued(row, { id: `${id}-${row}`, campaign: id });

const request = (n: number) => ({
  v: 1 as const,
  action: 'create' as const,
  program: 'loyalty',
  customer: { ids: { registered: `c-${n}` }, attributes: {} },
});

async function setUp() {
  const { stores } = await openTestStores();
  const { campaigns, jobs } = stores;
  const fed: string[] = [];
  const cleared: string[] = [];
  const campaignQueue = {
    ...stores.campaignQueue,
    addFeed: async (id: string) => void fed.push(id),
    addClear: async (id: string) => void cleared.push(id),
  };
  /** Creates a campaign whose rows are read and queued. */
  const start = async (id: string, rows: number) => {
    await campaigns.create(makeOrder(id));
    await campaigns.accept(id, rows, [], 0);
    await campaigns.markFed(id, 0);
  };
  const finish = (id: string, row: number) =>
    jobs.settle(jobOf(id, row), { state: 'skipped', reason: 'aborted' });
  const stop = (id: string) =>
    stores.campaignSwitch.halt(id, 'stopped', { kind: 'operator', at: 1, ...testAction });
  const run = (now = NOW) => reconcile({ ...stores, campaignQueue }, now);
  return { stores, campaigns, fed, cleared, start, finish, stop, run };
}

describe('reconciling', () => {
  it('feeds an open campaign behind thousands of newer ones', async () => {
    const { campaigns, fed, run } = await setUp();
    await campaigns.create({ ...makeOrder('old'), createdAt: 1 });
    const newer = Array.from({ length: 1500 }, (_, n) => `newer-${n}`);
    for (const id of newer) await campaigns.create({ ...makeOrder(id), createdAt: 1000 });
    await Promise.all(newer.map((id) => campaigns.markFed(id, 0)));
    await run();
    expect(fed).toEqual(['old']);
    for (let runs = 0; runs < 3; runs += 1) await run();
    expect(await campaigns.openIds()).toEqual(['old']);
    expect(await campaigns.list(1)).toMatchObject([{ createdAt: 1000 }]);
  });

  it('closes a finished campaign, and records when it ended', async () => {
    const { campaigns, start, finish, run } = await setUp();
    await start('run', 2);
    await finish('run', 1);
    await run();
    expect(await campaigns.openIds()).toEqual(['run']);
    await finish('run', 2);
    await run();
    expect(await campaigns.openIds()).toEqual([]);
    expect(await campaigns.listEnded(NOW, 10)).toMatchObject([{ id: 'run' }]);
    expect(await campaigns.listEnded(NOW + 1, 10)).toEqual([]);
  });

  it('keeps a campaign open until Bloomreach has accepted its write-backs', async () => {
    const { stores, campaigns, start, run } = await setUp();
    await start('run', 1);
    const writeBack = makeWriteBack(1);
    await stores.jobs.settle(jobOf('run', 1), {
      state: 'done',
      card: { passId: 'p', issuedAt: 1 },
      writeBack,
    });
    await run();
    expect(await campaigns.openIds()).toEqual(['run']);
    await stores.outbox.markDelivered([writeBack]);
    await run();
    expect(await campaigns.openIds()).toEqual([]);
  });

  it('clears the queue of a stopped campaign before it closes it', async () => {
    const { stores, campaigns, cleared, start, stop, run } = await setUp();
    await start('run', 1);
    await stop('run');
    await run();
    expect(cleared).toEqual(['run']);
    expect(await campaigns.openIds()).toEqual(['run']);
    await stores.parked.park(jobOf('run', 1));
    await run();
    expect(await campaigns.openIds()).toEqual([]);
  });

  it('counts the rows of a stopped campaign that were read and never queued as stopped', async () => {
    const { stores, campaigns, start, stop, run } = await setUp();
    await start('run', 3);
    await stop('run');
    // A crash between counting rows and queuing them leaves rows without jobs.
    await stores.campaignSwitch.markDrained('run');
    expect(await campaigns.find('run')).toMatchObject({ stopped: 3, pending: 0, inQueue: 0 });
    await run();
    expect(await campaigns.openIds()).toEqual([]);
    await stores.campaignSwitch.resume('run');
    expect(await campaigns.find('run')).toMatchObject({ stopped: 0, pending: 3, inQueue: 3 });
  });

  it('opens a campaign again when it is resumed', async () => {
    const { stores, campaigns, start, stop, run, fed } = await setUp();
    await start('run', 1);
    await stop('run');
    await stores.parked.park(jobOf('run', 1));
    await run();
    await stores.campaignSwitch.resume('run');
    expect(await campaigns.openIds()).toEqual(['run']);
    expect(await campaigns.listEnded(0, 10)).toEqual([]);
    await run();
    expect(fed).toEqual(['run']);
  });

  it('opens a campaign again when one of its failures is retried', async () => {
    const { stores, campaigns, start, run, fed } = await setUp();
    await start('run', 1);
    const why = { failure: failure('PM_REFUSED', 'no'), attempts: 1, at: 5 };
    await stores.jobs.settle(jobOf('run', 1), { state: 'failed', ...why });
    await run();
    expect(await campaigns.openIds()).toEqual([]);
    const order = {
      id: 'r',
      kind: 'retry',
      filter: { unknown: true },
      by: 'eva',
      reason: '',
      at: 9,
    } as const;
    await stores.bulkActions.open(order, 1);
    await stores.bulkActions.start('r');
    const [cause] = await stores.failures.causes('run');
    const causeId = cause?.cause.id ?? '';
    const [record] = await stores.failures.find('run', causeId, ['run-1']);
    if (record === undefined || !('job' in record)) throw new Error('no failure was recorded');
    await stores.failureActions.reopen(record, { cause: causeId, bulkAction: 'r' });
    expect(await campaigns.openIds()).toEqual(['run']);
    await run();
    expect(fed).toEqual(['run']);
  });

  it('closes the campaign of a day’s webhooks days later, and opens it for a late request', async () => {
    const { stores, campaigns, run } = await setUp();
    const order = dayCampaign(request(1), NOW);
    await stores.inbox.receive(order, [{ request: request(1) }]);
    const [job] = await stores.parked.list(order.id);
    await stores.parked.markQueued(order.id, [job!]);
    await stores.jobs.settle(makeQueued(1, { ...job! }), { state: 'skipped', reason: 'aborted' });
    await run(NOW + DAY);
    expect(await campaigns.openIds()).toEqual([order.id]);
    await run(NOW + 4 * DAY);
    expect(await campaigns.openIds()).toEqual([]);
    await stores.inbox.receive(order, [{ request: request(2) }]);
    expect(await campaigns.openIds()).toEqual([order.id]);
  });

  it('drops a job that stayed parked although its row is settled', async () => {
    const { stores, campaigns, start, finish, stop, run } = await setUp();
    await start('run', 1);
    await stop('run');
    await stores.parked.park(jobOf('run', 1));
    await stores.campaignSwitch.resume('run');
    await finish('run', 1);
    expect(await campaigns.find('run')).toMatchObject({ status: 'finished', parked: 1 });
    await run();
    expect(await campaigns.openIds()).toEqual([]);
    expect(await campaigns.find('run')).toMatchObject({ parked: 0 });
  });

  it('feeds running campaigns with unread rows or parked jobs', async () => {
    const { campaigns, start } = await setUp();
    await start('fed', 1);
    await campaigns.create(makeOrder('unread'));
    const found = await campaigns.listOpen();
    expect(found.filter((campaign) => needsFeeder(campaign, Date.now())).map(({ id }) => id)).toEqual([
      'unread',
    ]);
  });
});

/** Everything that happens to one customer, in one line of time, by the parts of the ledger that make it happen. */

import { describe, expect, it } from 'vitest';
import { failure } from '../../../src/domain/failures/failure.ts';
import { causeOf } from '../../../src/domain/failures/cause.ts';
import type { FailedJob, FailedWriteBack } from '../../../src/domain/failures/failed.ts';
import { dayOfEvents, type TrackedEvent } from '../../../src/domain/jobs/tracked-event.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeEventInbox } from '../../../src/ledger/intake/event-inbox.ts';
import { makeFailureActions } from '../../../src/ledger/failures/failure-actions.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeOutbox } from '../../../src/ledger/write-back/outbox.ts';
import { makeImportBatches } from '../../../src/ledger/write-back/import-batches.ts';
import { makeTimelineWrites } from '../../../src/ledger/customers/timeline-writes.ts';
import { makeCustomerIndex } from '../../../src/ledger/customers/customer-index.ts';
import { makeBulkActions } from '../../../src/ledger/failures/bulk-actions.ts';
import { runningBulkAction } from '../../support/failures.ts';
import { makeQueued, makeOrder, makeWriteBack } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const HOUR = 3_600_000;

async function setUp() {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  const people = makeCustomerIndex(redis, keys, { ttlMs: 8 * HOUR, idTypes: ['registered'] });
  const notes = makeTimelineWrites(keys, { ttlMs: 8 * HOUR, clock: Date.now });
  const campaigns = makeCampaignLedger(redis, keys);
  for (const id of ['run', 'other']) {
    await campaigns.create(makeOrder(id));
    await campaigns.accept(id, 100, [], 0);
  }
  const timeline = async (text: string) => {
    const found = await people.find(text, Date.now());
    return found.map(({ events }) =>
      events.map(({ what, job, note, times }) => [what, job, note, ...(times === undefined ? [] : [times])]),
    );
  };
  return {
    redis,
    keys,
    timeline,
    jobs: makeJobLedger(redis, keys, { cardTtlMs: 8 * HOUR, people: notes, clock: Date.now }),
    outbox: makeOutbox(redis, keys, notes),
    importBatches: makeImportBatches(redis, keys, notes),
    acts: makeFailureActions(redis, keys, notes),
    events: makeEventInbox(redis, keys, { people: notes }),
    bulkAction: await runningBulkAction(makeBulkActions(redis, keys)),
  };
}

const unavailable = failure('PM_UNAVAILABLE', '503');
const issued = { state: 'done', card: { passId: 'pass-1', issuedAt: 1 } } as const;

describe('the line of time of a customer', () => {
  it('has each call, the card, and what Bloomreach took', async () => {
    const { jobs, outbox, timeline } = await setUp();
    const job = makeQueued(1);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await jobs.claim(job);
      await jobs.release(job, unavailable);
    }
    await jobs.claim(job);
    await jobs.settle(job, { ...issued, writeBack: makeWriteBack(1) });
    await outbox.delivered([makeWriteBack(1)]);
    await outbox.delivered([makeWriteBack(1)]);
    expect(await timeline('c-1')).toEqual([
      [
        ['tried', 'run-1', 'PM_UNAVAILABLE', 3],
        ['done', 'run-1', 'pass-1'],
        ['saved', 'run-1', ''],
      ],
    ]);
    expect(await timeline('run-1')).toEqual(await timeline('c-1'));
  });

  it('leaves out what was never sent', async () => {
    const { jobs, timeline } = await setUp();
    await jobs.claim(makeQueued(1));
    await jobs.release(makeQueued(1), failure('PM_DOWN', ''));
    await jobs.claim(makeQueued(1));
    await jobs.release(makeQueued(1));
    expect(await timeline('c-1')).toEqual([]);
  });

  it('has refusals, and who dealt with them', async () => {
    const { jobs, outbox, acts, bulkAction, timeline } = await setUp();
    const refused = failure('PM_REFUSED', 'no');
    const failed: FailedJob = { job: makeQueued(1), state: 'rejected', failure: refused, attempts: 1, at: 5 };
    await jobs.settle(makeQueued(1), { state: 'rejected', failure: refused, attempts: 1, at: 5 });
    await acts.reopen(failed, { cause: causeOf(refused).id, bulkAction });
    expect(await acts.reopen(failed, { cause: causeOf(refused).id, bulkAction })).toBe(false);
    await jobs.settle(makeQueued(1), { ...issued, writeBack: makeWriteBack(1) });
    const notTaken = failure('BR_COMMAND_REFUSED', 'no such property');
    await outbox.giveUp(makeWriteBack(1), notTaken, 7);
    const unsaved: FailedWriteBack = { writeBack: makeWriteBack(1), failure: notTaken, at: 7 };
    await acts.saveAgain(unsaved, { cause: causeOf(notTaken).id, bulkAction }, 8);
    await outbox.giveUp(makeWriteBack(1), notTaken, 9);
    const why = { by: 'Iva', reason: 'gone', at: 10 };
    await acts.discard('run', { ...unsaved, at: 9 }, { cause: causeOf(notTaken).id, bulkAction }, why);
    expect(await timeline('c-1')).toEqual([
      [
        ['rejected', 'run-1', 'PM_REFUSED'],
        ['act', 'run-1', bulkAction],
        ['done', 'run-1', 'pass-1'],
        ['unsaved', 'run-1', 'BR_COMMAND_REFUSED'],
        ['act', 'run-1', bulkAction],
        ['unsaved', 'run-1', 'BR_COMMAND_REFUSED'],
        ['act', 'run-1', bulkAction],
      ],
    ]);
  });

  it('has a card that could not be written back', async () => {
    const { jobs, timeline } = await setUp();
    const unsaved = { failure: failure('TEMPLATE_FAILED', ''), attempts: 1, at: 5 };
    await jobs.settle(makeQueued(1), { ...issued, unsaved });
    expect(await timeline('c-1')).toEqual([
      [
        ['done', 'run-1', 'pass-1'],
        ['unsaved', 'run-1', 'TEMPLATE_FAILED'],
      ],
    ]);
  });

  it('has what Passmachine told of, once, and that Bloomreach took it', async () => {
    const { jobs, events, outbox, timeline } = await setUp();
    await jobs.settle(makeQueued(1), issued);
    const event: TrackedEvent = {
      customer_ids: { registered: 'c-1' },
      event_type: 'passmachine',
      timestamp: 5,
      properties: { action: 'added', wallet: 'apple', nested: {} },
    };
    const day = dayOfEvents(Date.now());
    const two = [event, { ...event, customer_ids: { registered: 'c-2' } }, event];
    const deliveries = two.map((one) => ({ event: one, timed: true }));
    expect(await events.receive(day, deliveries, 6)).toEqual(['stored', 'stored', 'known']);
    const stored = await outbox.take({ size: 10, now: 1e15, leaseMs: 1000, maxWaitMs: 0 });
    await outbox.delivered(stored);
    expect(await timeline('c-1')).toEqual([
      [
        ['done', 'run-1', 'pass-1'],
        ['event', `${day.id}-1`, 'action: added, wallet: apple'],
        ['saved', `${day.id}-1`, ''],
      ],
    ]);
    expect(await timeline(`${day.id}-2`)).toHaveLength(1);
  });

  it('has what went home as an import, said once however often it is said', async () => {
    const { redis, keys, jobs, importBatches, timeline } = await setUp();
    await redis.hset(keys.campaign('run'), { importAbove: 1, expected: 100 });
    for (let row = 1; row <= 3; row += 1) {
      await jobs.settle(makeQueued(row), { ...issued, writeBack: makeWriteBack(row) });
    }
    await importBatches.seal('run', 0);
    const importBatch = await importBatches.take(1, 1000);
    await importBatches.delivered(importBatch?.id ?? '');
    await importBatches.delivered(importBatch?.id ?? '');
    for (let row = 1; row <= 3; row += 1) {
      expect(await timeline(`run-${row}`)).toEqual([
        [
          ['done', `run-${row}`, 'pass-1'],
          ['saved', `run-${row}`, ''],
        ],
      ]);
    }
  });

  it('tells campaigns apart where jobs take turns, and when its beginning is forgotten', async () => {
    const { jobs, timeline } = await setUp();
    const customer = { ids: { registered: 'c-1' }, attributes: {} };
    const of = (campaign: string, row: number) =>
      makeQueued(row, { campaign, id: `${campaign}-${row}`, customer });
    const codes = ['PM_UNAVAILABLE', 'PM_RATE_LIMITED'] as const;
    const expected: string[][] = [];
    for (let row = 1; row <= 60; row += 1) {
      const job = of(row % 2 === 0 ? 'run' : 'other', row);
      for (const code of codes) {
        await jobs.claim(job);
        await jobs.release(job, failure(code, ''));
        expected.push(['tried', job.id, code]);
      }
    }
    const [events = []] = await timeline('c-1');
    expect(events.length).toBeGreaterThan(40);
    expect(events.length).toBeLessThan(expected.length);
    expect(events).toEqual(expected.slice(-events.length));
  });
});

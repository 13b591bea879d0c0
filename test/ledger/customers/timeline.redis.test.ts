/** Timeline events of one customer, recorded by all parts of the ledger. */

import { describe, expect, it } from 'vitest';
import { failure } from '../../../src/domain/failures/failure.ts';
import { causeOf } from '../../../src/domain/failures/cause.ts';
import type { FailedJob, FailedWriteBack } from '../../../src/domain/failures/failed.ts';
import { dayOfEvents, type TrackedEvent } from '../../../src/domain/jobs/webhook-request.ts';
import { makeCampaignLedger } from '../../../src/ledger/campaigns/campaign-ledger.ts';
import { makeEventInbox } from '../../../src/ledger/intake/event-inbox.ts';
import { makeFailureActions } from '../../../src/ledger/failures/failure-actions.ts';
import { makeJobLedger } from '../../../src/ledger/jobs/job-ledger.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeOutbox } from '../../../src/ledger/write-back/outbox.ts';
import { makeImportBatches } from '../../../src/ledger/write-back/import-batches.ts';
import { makeTimelineWriter } from '../../../src/ledger/customers/timeline-writer.ts';
import { makeCustomerIndex } from '../../../src/ledger/customers/customer-index.ts';
import { makeBulkActions } from '../../../src/ledger/failures/bulk-actions.ts';
import { runningBulkAction } from '../../support/failures.ts';
import { leaseOf } from '../../support/outbox.ts';
import { makeQueued, makeOrder, makeWriteBack } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

const HOUR = 3_600_000;

async function setUp() {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  const customers = makeCustomerIndex(redis, keys, { ttlMs: 8 * HOUR, idTypes: ['registered'] });
  const writer = makeTimelineWriter(keys, { ttlMs: 8 * HOUR, clock: Date.now });
  const campaigns = makeCampaignLedger(redis, keys);
  for (const id of ['run', 'other']) {
    await campaigns.create(makeOrder(id));
    await campaigns.accept(id, 100, [], 0);
  }
  const timeline = async (text: string) => {
    const found = await customers.find(text, Date.now());
    return found.map(({ events }) =>
      events.map(({ kind, job, detail, times }) => [
        kind,
        job,
        detail,
        ...(times === undefined ? [] : [times]),
      ]),
    );
  };
  return {
    redis,
    keys,
    timeline,
    jobs: makeJobLedger(redis, keys, { cardTtlMs: 8 * HOUR, timeline: writer, clock: Date.now }),
    outbox: makeOutbox(redis, keys, writer),
    importBatches: makeImportBatches(redis, keys, writer),
    actions: makeFailureActions(redis, keys, writer),
    events: makeEventInbox(redis, keys, { timeline: writer }),
    bulkAction: await runningBulkAction(makeBulkActions(redis, keys)),
  };
}

const unavailable = failure('PM_UNAVAILABLE', '503');
const issued = { state: 'done', card: { passId: 'pass-1', issuedAt: 1 } } as const;

describe('the timeline of a customer', () => {
  it('has failed attempts, the card, and the write-back', async () => {
    const { jobs, outbox, timeline } = await setUp();
    const job = makeQueued(1);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await jobs.claim(job);
      await jobs.release(job, unavailable);
    }
    await jobs.claim(job);
    await jobs.settle(job, { ...issued, writeBack: makeWriteBack(1) });
    await outbox.markDelivered([makeWriteBack(1)]);
    await outbox.markDelivered([makeWriteBack(1)]);
    expect(await timeline('c-1')).toEqual([
      [
        ['attempt-failed', 'run-1', 'PM_UNAVAILABLE', 3],
        ['done', 'run-1', 'pass-1'],
        ['written-back', 'run-1', ''],
      ],
    ]);
    expect(await timeline('run-1')).toEqual(await timeline('c-1'));
  });

  it('omits calls that were never sent', async () => {
    const { jobs, timeline } = await setUp();
    await jobs.claim(makeQueued(1));
    await jobs.release(makeQueued(1), failure('PM_DOWN', ''));
    await jobs.claim(makeQueued(1));
    await jobs.release(makeQueued(1));
    expect(await timeline('c-1')).toEqual([]);
  });

  it('has refusals and the bulk actions on them', async () => {
    const { redis, keys, jobs, outbox, actions, bulkAction, timeline } = await setUp();
    const refused = failure('PM_REFUSED', 'no');
    const failed: FailedJob = { job: makeQueued(1), state: 'rejected', failure: refused, attempts: 1, at: 5 };
    await jobs.settle(makeQueued(1), { state: 'rejected', failure: refused, attempts: 1, at: 5 });
    await actions.reopen(failed, { cause: causeOf(refused).id, bulkAction });
    expect(await actions.reopen(failed, { cause: causeOf(refused).id, bulkAction })).toBe(false);
    await jobs.settle(makeQueued(1), { ...issued, writeBack: makeWriteBack(1) });
    const commandRefused = failure('BR_COMMAND_REFUSED', 'no such property');
    await outbox.giveUp(makeWriteBack(1), await leaseOf(redis, keys, 'run-1'), commandRefused, 7);
    const failedWriteBack: FailedWriteBack = { writeBack: makeWriteBack(1), failure: commandRefused, at: 7 };
    await actions.retryWriteBack(failedWriteBack, { cause: causeOf(commandRefused).id, bulkAction });
    await outbox.giveUp(makeWriteBack(1), await leaseOf(redis, keys, 'run-1'), commandRefused, 9);
    const why = { by: 'Iva', reason: 'gone', at: 10 };
    await actions.discard(
      'run',
      { ...failedWriteBack, at: 9 },
      { cause: causeOf(commandRefused).id, bulkAction },
      why,
    );
    expect(await timeline('c-1')).toEqual([
      [
        ['rejected', 'run-1', 'PM_REFUSED'],
        ['bulk-action', 'run-1', bulkAction],
        ['done', 'run-1', 'pass-1'],
        ['write-back-failed', 'run-1', 'BR_COMMAND_REFUSED'],
        ['bulk-action', 'run-1', bulkAction],
        ['write-back-failed', 'run-1', 'BR_COMMAND_REFUSED'],
        ['bulk-action', 'run-1', bulkAction],
      ],
    ]);
  });

  it('has a card whose write-back could not be rendered', async () => {
    const { jobs, timeline } = await setUp();
    const writeBackFailure = { failure: failure('TEMPLATE_FAILED', ''), attempts: 1, at: 5 };
    await jobs.settle(makeQueued(1), { ...issued, writeBackFailure });
    expect(await timeline('c-1')).toEqual([
      [
        ['done', 'run-1', 'pass-1'],
        ['write-back-failed', 'run-1', 'TEMPLATE_FAILED'],
      ],
    ]);
  });

  it('has each event from Passmachine once, and its write-back', async () => {
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
    expect(await events.receive(day, deliveries)).toEqual(['stored', 'stored', 'known']);
    const stored = await outbox.take({ size: 10, leaseMs: 1000, maxWaitMs: 0 });
    await outbox.markDelivered(stored?.entries ?? []);
    expect(await timeline('c-1')).toEqual([
      [
        ['done', 'run-1', 'pass-1'],
        ['event', `${day.id}-1`, 'action: added, wallet: apple'],
        ['written-back', `${day.id}-1`, ''],
      ],
    ]);
    expect(await timeline(`${day.id}-2`)).toHaveLength(1);
  });

  it('has rows written back by an import once', async () => {
    const { redis, keys, jobs, importBatches, timeline } = await setUp();
    await redis.hset(keys.campaign('run'), { importAbove: 1, expected: 100 });
    for (let row = 1; row <= 3; row += 1) {
      await jobs.settle(makeQueued(row), { ...issued, writeBack: makeWriteBack(row) });
    }
    await importBatches.seal('run');
    const importBatch = await importBatches.take(1000);
    await importBatches.markDelivered(importBatch?.id ?? '');
    await importBatches.markDelivered(importBatch?.id ?? '');
    for (let row = 1; row <= 3; row += 1) {
      expect(await timeline(`run-${row}`)).toEqual([
        [
          ['done', `run-${row}`, 'pass-1'],
          ['written-back', `run-${row}`, ''],
        ],
      ]);
    }
  });

  it('keeps the campaign of each event when jobs alternate and old events are dropped', async () => {
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
        expected.push(['attempt-failed', job.id, code]);
      }
    }
    const [events = []] = await timeline('c-1');
    expect(events.length).toBeGreaterThan(40);
    expect(events.length).toBeLessThan(expected.length);
    expect(events).toEqual(expected.slice(-events.length));
  });
});

/** Campaigns that start at a time: they wait, start once, and are rescheduled, cancelled or held. */

import { expect, it } from 'vitest';
import { haltCampaign, rescheduleCampaign, resumeCampaign } from '../../src/services/campaigns/control.ts';
import { reconcile } from '../../src/services/campaigns/reconcile.ts';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { testAction } from '../support/make.ts';

const HOUR_MS = 3_600_000;

/** Plans a campaign of 30 rows. `inMs`: when it starts. */
async function plan(
  inMs: number,
  { startWindowMs = HOUR_MS, useBy }: { startWindowMs?: number; useBy?: number } = {},
) {
  const bridge = await startBridge();
  const startAt = Date.now() + inMs;
  const id = await bridge.start('issue', goodCustomers(30), {
    startAt,
    startWindowMs,
    ...(useBy !== undefined && { useBy }),
  });
  const { stores } = bridge.passbridge;
  return { ...bridge, id, startAt, stores, calls: () => bridge.sandbox.witness.count('create') };
}

const timeOf = (ms: number) => ({ time: new Date(ms).toISOString(), timeZone: 'UTC' });

it('sends nothing before its time, and then everything once', async () => {
  const { id, startAt, stores, find, waitForEnd, sandbox } = await plan(3000);
  expect(await find(id)).toMatchObject({ status: 'planned', startAt, rows: 30, pending: 30 });
  await eventually(() => expect(Date.now()).toBeGreaterThan(startAt));
  // As many processes do at once.
  await Promise.all(Array.from({ length: 20 }, () => reconcile(stores, Date.now())));
  expect(await waitForEnd(id)).toMatchObject({ status: 'finished', done: 30, startAt });
  const creates = sandbox.witness.entries().filter(({ kind }) => kind === 'create');
  expect(creates).toHaveLength(30);
  expect(Math.min(...creates.map(({ at }) => at))).toBeGreaterThanOrEqual(startAt);
});

it('starts at another time once it was rescheduled', async () => {
  const { id, startAt, stores, find } = await plan(HOUR_MS);
  const later = startAt + HOUR_MS;
  expect(await rescheduleCampaign(stores, id, timeOf(later), testAction)).toMatchObject({ startAt: later });
  await reconcile(stores, later - 1);
  expect(await find(id)).toMatchObject({ status: 'planned', startAt: later });
  await reconcile(stores, later);
  expect(await find(id)).toMatchObject({ status: 'running' });
  const { entries } = await stores.audit.page({ limit: 10 });
  expect(entries).toContainEqual(
    expect.objectContaining({
      action: 'campaign.reschedule',
      before: { startAt: new Date(startAt).toISOString() },
      after: { startAt: new Date(later).toISOString() },
    }),
  );
});

it('starts now if it is resumed, and cannot be rescheduled or paused before', async () => {
  const { id, stores, waitForEnd, calls } = await plan(HOUR_MS);
  await expect(haltCampaign(stores, id, 'paused', testAction)).rejects.toThrow(
    `${id} has not started. To cancel it: \`passbridge stop ${id}\`.`,
  );
  expect(calls()).toBe(0);
  expect(await resumeCampaign(stores, id, testAction)).toMatchObject({ status: 'running' });
  expect(await waitForEnd(id)).toMatchObject({ status: 'finished', done: 30 });
  await expect(rescheduleCampaign(stores, id, timeOf(Date.now() + HOUR_MS), testAction)).rejects.toThrow(
    `${id} is finished: only the start of a planned campaign can be changed.`,
  );
});

it('sends nothing once it was cancelled', async () => {
  const { id, startAt, stores, find, calls } = await plan(HOUR_MS);
  await haltCampaign(stores, id, 'stopped', testAction);
  await reconcile(stores, startAt + 1);
  expect(await find(id)).toMatchObject({ status: 'stopped', stopped: 30, pending: 0 });
  expect(calls()).toBe(0);
});

it('is held with the reason if nothing started it in time', async () => {
  const { id, startAt, stores, find, calls, waitForEnd } = await plan(HOUR_MS, { startWindowMs: 600_000 });
  await reconcile(stores, startAt + 600_001);
  expect(await find(id)).toMatchObject({
    status: 'held',
    halt: {
      kind: 'late',
      reason: `It was to start at ${new Date(startAt).toISOString()} and nothing could start it in the 10 min after that. To send it now, resume it.`,
    },
  });
  expect(calls()).toBe(0);
  await resumeCampaign(stores, id, testAction);
  expect(await waitForEnd(id)).toMatchObject({ status: 'finished', done: 30 });
});

it('is held in a restored store, and planned again afterwards', async () => {
  const { id, startAt, stores, find } = await plan(HOUR_MS);
  const notice = { kind: 'restored', cause: 'went-back', reason: '', by: 'passbridge', at: 1 } as const;
  expect(await stores.storeNotice.hold(notice)).toBe(1);
  expect(await find(id)).toMatchObject({ status: 'held' });
  await stores.campaignSwitch.resume(id);
  expect(await find(id)).toMatchObject({ status: 'planned', startAt });
});

it.each([
  [-1000, {}, /^startAt .+ has passed\. Give a later time, or start the campaign without one\.$/],
  [HOUR_MS, { useBy: Date.now() + 60_000 }, /^useBy .+ is not after startAt, so nothing would be sent/],
])('is refused if it is planned for %s ms from now with %j', async (inMs, more, message) => {
  await expect(plan(inMs, more)).rejects.toThrow(message);
});

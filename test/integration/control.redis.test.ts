/** Pausing, stopping and resuming a campaign, by an operator and automatically. */

import { rename, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { haltCampaign, resumeCampaign } from '../../src/services/campaigns/control.ts';
import type { Campaign } from '../../src/domain/campaigns/campaign.ts';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

const operator = { by: 'Iva', reason: 'a wrong price' };
const action = { ...operator, via: 'dashboard' } as const;

function sumOf({ done, skipped, rejected, failed, unknown, stopped, pending }: Campaign): number {
  return done + skipped + rejected + failed + unknown + stopped + pending;
}

/** Starts a campaign and waits until some of its rows are done. */
async function openRunning(rows: number, options: Parameters<typeof startBridge>[0] = {}) {
  const bridge = await startBridge({ latencyMs: 15, ...options });
  const { stores } = bridge.passbridge;
  const id = await bridge.start('issue', goodCustomers(rows));
  await eventually(async () => expect((await bridge.find(id)).done).toBeGreaterThan(20));
  const queueDrained = () =>
    eventually(async () => {
      const campaign = await bridge.find(id);
      expect(campaign.inQueue).toBe(0);
      return campaign;
    });
  const creates = () => bridge.sandbox.witness.count('create');
  return { ...bridge, stores, id, queueDrained, creates };
}

describe('a paused campaign', () => {
  it('sends nothing, records who paused it and why, and resumes at the same row', async () => {
    const { id, stores, queueDrained, creates, waitForEnd, sandbox } = await openRunning(400);
    await haltCampaign(stores, id, 'paused', action);
    const paused = await queueDrained();
    expect(paused).toMatchObject({
      status: 'paused',
      halt: { kind: 'operator', ...operator },
      rows: 400,
      stopped: 0,
    });
    expect(sumOf(paused)).toBe(400);
    expect(paused.pending).toBeGreaterThan(0);
    await expect.poll(() => stores.passQueue.depth()).toEqual({ waiting: 0, delayed: 0, active: 0 });
    expect(creates()).toBe(paused.done);

    await resumeCampaign(stores, id, action);
    expect(await waitForEnd(id)).toMatchObject({ status: 'finished', done: 400, skipped: 0, parked: 0 });
    expect(creates()).toBe(400);
    expect(sandbox.witness.doubles()).toEqual([]);
    const { entries } = await stores.audit.page({ limit: 10, target: id });
    expect(entries).toMatchObject([
      { action: 'campaign.resume', ...action, before: { status: 'paused' }, after: { status: 'running' } },
      { action: 'campaign.pause', ...action, before: { status: 'running' }, after: { status: 'paused' } },
      { action: 'campaign.start', after: { program: 'loyalty', action: 'issue', rows: 400 } },
    ]);
  });

  it('ignores a second pause and a second resume', async () => {
    const { id, stores, queueDrained, waitForEnd } = await openRunning(300);
    await haltCampaign(stores, id, 'paused', action);
    expect((await haltCampaign(stores, id, 'paused', { ...action, by: 'Jan' })).halt?.by).toBe('Iva');
    await queueDrained();
    await resumeCampaign(stores, id, action);
    expect((await resumeCampaign(stores, id, action)).resumes).toBe(1);
    expect(await waitForEnd(id)).toMatchObject({ done: 300 });
  });
});

describe('a stopped campaign', () => {
  it('counts unsent rows as stopped, and sends them after a resume', async () => {
    const { id, stores, queueDrained, waitForEnd, creates } = await openRunning(1600);
    await haltCampaign(stores, id, 'stopped', action);
    const stopped = await queueDrained();
    expect(stopped).toMatchObject({ status: 'stopped', rows: 1600, pending: 0 });
    expect(stopped.done + stopped.stopped).toBe(1600);
    await expect(haltCampaign(stores, id, 'paused', action)).rejects.toThrow(`passbridge resume ${id}`);

    await resumeCampaign(stores, id, action);
    expect(await waitForEnd(id)).toMatchObject({ status: 'finished', done: 1600, stopped: 0 });
    expect(creates()).toBe(1600);
    await expect(haltCampaign(stores, id, 'stopped', action)).rejects.toThrow('has finished');
  });

  it('parks jobs that wait for a retry, with their number of attempts', async () => {
    const { id, stores, queueDrained, waitForEnd, sandbox, find } = await openRunning(100, {
      env: { RETRY_DELAYS: '0.05,60,60' },
      faults: ['create:503+0~c-1@'],
    });
    const attemptsOf = (customer: string) =>
      sandbox.witness.entries().filter((entry) => entry.kind === 'create' && entry.customer === customer)
        .length;
    await eventually(async () => {
      expect(attemptsOf('c-1')).toBe(2);
      expect((await find(id)).pending).toBe(1);
      expect((await stores.passQueue.depth()).delayed).toBe(1);
    });
    await haltCampaign(stores, id, 'stopped', action);
    expect(await queueDrained()).toMatchObject({ done: 99, stopped: 1 });
    const [parked] = await stores.parked.list(id);
    expect(parked).toMatchObject({ row: 1, attempts: 2 });

    sandbox.faults.clear();
    await resumeCampaign(stores, id, action);
    expect(await waitForEnd(id)).toMatchObject({ done: 100 });
    expect(attemptsOf('c-1')).toBe(3);
  });
});

describe('a campaign with an unreadable source', () => {
  it('pauses at a row that does not fit the header, and rejects it after a resume', async () => {
    const { start, waitForEnd, passbridge, creates } = await withCreates();
    const csv = `${goodCustomers(1500)}torn,row\n`;
    const id = await start('issue', csv);
    const paused = await waitForEnd(id);
    expect(paused).toMatchObject({ status: 'paused', rejected: 0, halt: { kind: 'bad-rows' } });
    expect(paused.halt?.reason).toContain('Row 1501');
    expect(creates()).toBeLessThan(1501);
    await resumeCampaign(passbridge.stores, id, action);
    expect(await waitForEnd(id)).toMatchObject({ status: 'finished', rows: 1501, done: 1500, rejected: 1 });
  });

  it.each([
    ['is cut short', gzipSync(goodCustomers(4000)).subarray(0, 30_000), 'is an incomplete gzip file'],
    [
      'changes its encoding',
      Buffer.concat([
        Buffer.from(goodCustomers(1500)),
        Buffer.from('c-x,Jos\xe9,B,x@example.com,1\n', 'latin1'),
      ]),
      /line 1502 row 1501.+not UTF-8/,
    ],
  ])('pauses if its file %s beyond the rows of the preflight', async (_, content, message) => {
    const { start, waitForEnd } = await withCreates();
    const paused = await waitForEnd(await start('issue', content));
    expect(paused).toMatchObject({ status: 'paused', halt: { kind: 'source' } });
    expect(paused.halt?.reason).toMatch(message);
  });

  it('pauses if its file is deleted, and resumes when it is back', async () => {
    const { id, stores, waitForEnd, find } = await openRunning(2500, { latencyMs: 2 });
    const { source } = await find(id);
    const file = source.kind === 'file' ? source.path : '';
    await rename(file, `${file}.old`);
    expect((await waitForEnd(id)).halt?.reason).toContain('was moved or deleted since it was first read');
    await rename(`${file}.old`, file);
    await resumeCampaign(stores, id, action);
    expect(await waitForEnd(id)).toMatchObject({ status: 'finished', rows: 2500, done: 2500 });
  });

  it('rejects a single row of 5 MB and continues', async () => {
    const { start, waitForEnd } = await withCreates();
    const csv = `${goodCustomers(5)}c-6,${'x'.repeat(5_000_000)},B,x@example.com,1\n${goodCustomers(9).split('\n').slice(7).join('\n')}`;
    const campaign = await waitForEnd(await start('issue', csv));
    expect(campaign).toMatchObject({ status: 'finished', rows: 9, done: 8, rejected: 1 });
  });

  it('pauses if its file changes, and resumes when the original is back', async () => {
    const { id, stores, waitForEnd, find } = await openRunning(2500, { latencyMs: 2 });
    const { source } = await find(id);
    const file = source.kind === 'file' ? source.path : '';
    await rename(file, `${file}.old`);
    await writeFile(file, goodCustomers(3));
    const paused = await waitForEnd(id);
    expect(paused).toMatchObject({ status: 'paused', halt: { kind: 'source' } });
    expect(paused.halt?.reason).toContain('was changed since it was first read');
    await rename(`${file}.old`, file);
    await resumeCampaign(stores, id, action);
    expect(await waitForEnd(id)).toMatchObject({ status: 'finished', rows: 2500, done: 2500 });
  });
});

async function withCreates() {
  const bridge = await startBridge();
  return { ...bridge, creates: () => bridge.sandbox.witness.count('create') };
}

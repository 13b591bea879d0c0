/** A campaign under somebody's hands: paused, stopped, resumed, and paused by itself. */

import { rename, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { haltCampaign, resumeCampaign } from '../../src/services/campaigns/control.ts';
import type { Campaign } from '../../src/domain/campaigns/campaign.ts';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';

const halted = { by: 'Iva', reason: 'a wrong price' };
const act = { ...halted, via: 'dashboard' } as const;

function sumOf({ done, skipped, rejected, failed, unknown, stopped, pending }: Campaign): number {
  return done + skipped + rejected + failed + unknown + stopped + pending;
}

/** A campaign of which some rows have ended and some have not. */
async function underway(rows: number, options: Parameters<typeof startBridge>[0] = {}) {
  const bridge = await startBridge({ latencyMs: 15, ...options });
  const { stores } = bridge.passbridge;
  const id = await bridge.begin('issue', goodCustomers(rows));
  await eventually(async () => expect((await bridge.find(id)).done).toBeGreaterThan(20));
  const atRest = () =>
    eventually(async () => {
      const campaign = await bridge.find(id);
      expect(campaign.inQueue).toBe(0);
      return campaign;
    });
  const creates = () => bridge.sandbox.witness.count('create');
  return { ...bridge, stores, id, atRest, creates };
}

describe('a paused campaign', () => {
  it('sends nothing, says who paused it and why, and goes on where it stood', async () => {
    const { id, stores, atRest, creates, over, sandbox } = await underway(400);
    await haltCampaign(stores, id, 'paused', act);
    const paused = await atRest();
    expect(paused).toMatchObject({
      status: 'paused',
      halt: { kind: 'asked', ...halted },
      rows: 400,
      stopped: 0,
    });
    expect(sumOf(paused)).toBe(400);
    expect(paused.pending).toBeGreaterThan(0);
    await expect.poll(() => stores.passQueue.depth()).toEqual({ waiting: 0, delayed: 0, active: 0 });
    expect(creates()).toBe(paused.done);

    await resumeCampaign(stores, id, act);
    expect(await over(id)).toMatchObject({ status: 'finished', done: 400, skipped: 0, parked: 0 });
    expect(creates()).toBe(400);
    expect(sandbox.witness.doubles()).toEqual([]);
    const { entries } = await stores.audit.page({ limit: 10, on: id });
    expect(entries).toMatchObject([
      { act: 'campaign.resume', ...act, before: { status: 'paused' }, after: { status: 'running' } },
      { act: 'campaign.pause', ...act, before: { status: 'running' }, after: { status: 'paused' } },
      { act: 'campaign.start', after: { program: 'loyalty', action: 'issue', rows: 400 } },
    ]);
  });

  it('cannot be told apart from one that was paused twice', async () => {
    const { id, stores, atRest, over } = await underway(300);
    await haltCampaign(stores, id, 'paused', act);
    expect((await haltCampaign(stores, id, 'paused', { ...act, by: 'Jan' })).halt?.by).toBe('Iva');
    await atRest();
    await resumeCampaign(stores, id, act);
    expect((await resumeCampaign(stores, id, act)).resumes).toBe(1);
    expect(await over(id)).toMatchObject({ done: 300 });
  });
});

describe('a stopped campaign', () => {
  it('counts whom it did not reach, and reaches them when it is resumed', async () => {
    const { id, stores, atRest, over, creates } = await underway(1600);
    await haltCampaign(stores, id, 'stopped', act);
    const stopped = await atRest();
    expect(stopped).toMatchObject({ status: 'stopped', rows: 1600, pending: 0 });
    expect(stopped.done + stopped.stopped).toBe(1600);
    await expect(haltCampaign(stores, id, 'paused', act)).rejects.toThrow(`passbridge resume ${id}`);

    await resumeCampaign(stores, id, act);
    expect(await over(id)).toMatchObject({ status: 'finished', done: 1600, stopped: 0 });
    expect(creates()).toBe(1600);
    await expect(haltCampaign(stores, id, 'stopped', act)).rejects.toThrow('has finished');
  });

  it('does not wait for next attempts, and keeps count of those made', async () => {
    const { id, stores, atRest, over, sandbox, find } = await underway(100, {
      env: { RETRY_DELAYS: '0.05,60,60' },
      faults: ['create:500~c-1@'],
    });
    const triesOf = (customer: string) =>
      sandbox.witness.entries().filter((entry) => entry.kind === 'create' && entry.customer === customer)
        .length;
    await eventually(async () => {
      expect(triesOf('c-1')).toBe(2);
      expect((await find(id)).pending).toBe(1);
      expect((await stores.passQueue.depth()).delayed).toBe(1);
    });
    await haltCampaign(stores, id, 'stopped', act);
    expect(await atRest()).toMatchObject({ done: 99, stopped: 1 });
    const [parked] = await stores.parked.list(id);
    expect(parked).toMatchObject({ row: 1, tried: 2 });

    sandbox.faults.clear();
    await resumeCampaign(stores, id, act);
    expect(await over(id)).toMatchObject({ done: 100 });
    expect(triesOf('c-1')).toBe(3);
  });
});

describe('a campaign that has to ask', () => {
  it('pauses before a row that does not fit the header, and rejects it once it is resumed', async () => {
    const { begin, over, passbridge, creates } = await withCreates();
    const csv = `${goodCustomers(1500)}torn,row\n`;
    const id = await begin('issue', csv);
    const paused = await over(id);
    expect(paused).toMatchObject({ status: 'paused', rejected: 0, halt: { kind: 'bad-rows' } });
    expect(paused.halt?.reason).toContain('Row 1501');
    expect(creates()).toBeLessThan(1501);
    await resumeCampaign(passbridge.stores, id, act);
    expect(await over(id)).toMatchObject({ status: 'finished', rows: 1501, done: 1500, rejected: 1 });
  });

  it.each([
    ['is cut short', gzipSync(goodCustomers(4000)).subarray(0, 30_000), 'ends too early'],
    [
      'changes its encoding',
      Buffer.concat([
        Buffer.from(goodCustomers(1500)),
        Buffer.from('c-x,Jos\xe9,B,x@example.com,1\n', 'latin1'),
      ]),
      /line 1502, row 1501.+not UTF-8/,
    ],
  ])('pauses where its file %s behind the rows that were looked at', async (_, content, message) => {
    const { begin, over } = await withCreates();
    const paused = await over(await begin('issue', content));
    expect(paused).toMatchObject({ status: 'paused', halt: { kind: 'source' } });
    expect(paused.halt?.reason).toMatch(message);
  });

  it('pauses when its file vanishes', async () => {
    const { id, stores, over, find } = await underway(2500, { latencyMs: 2 });
    const { source } = await find(id);
    const file = source.kind === 'file' ? source.path : '';
    await rename(file, `${file}.old`);
    expect((await over(id)).halt?.reason).toContain('is gone: it was moved or deleted');
    await rename(`${file}.old`, file);
    await resumeCampaign(stores, id, act);
    expect(await over(id)).toMatchObject({ status: 'finished', rows: 2500, done: 2500 });
  });

  it('goes on where a single row is the fault, be it 5 MB long', async () => {
    const { begin, over } = await withCreates();
    const csv = `${goodCustomers(5)}c-6,${'x'.repeat(5_000_000)},B,x@example.com,1\n${goodCustomers(9).split('\n').slice(7).join('\n')}`;
    const campaign = await over(await begin('issue', csv));
    expect(campaign).toMatchObject({ status: 'finished', rows: 9, done: 8, rejected: 1 });
  });

  it('pauses when its file is changed, and goes on when the old one is back', async () => {
    const { id, stores, over, find } = await underway(2500, { latencyMs: 2 });
    const { source } = await find(id);
    const file = source.kind === 'file' ? source.path : '';
    await rename(file, `${file}.old`);
    await writeFile(file, goodCustomers(3));
    const paused = await over(id);
    expect(paused).toMatchObject({ status: 'paused', halt: { kind: 'source' } });
    expect(paused.halt?.reason).toContain('was changed since it was first read');
    await rename(`${file}.old`, file);
    await resumeCampaign(stores, id, act);
    expect(await over(id)).toMatchObject({ status: 'finished', rows: 2500, done: 2500 });
  });
});

async function withCreates() {
  const bridge = await startBridge();
  return { ...bridge, creates: () => bridge.sandbox.witness.count('create') };
}

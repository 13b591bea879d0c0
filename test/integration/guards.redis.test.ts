/** Safeguards in a running system: canary, failure share, sending rate, quiet hours, notification limit, changed cards only. */

import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { haltCampaign, resumeCampaign } from '../../src/services/campaigns/control.ts';
import type { QuietHours } from '../../src/domain/campaigns/safeguards/quiet-hours.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startBridge } from '../support/bridge.ts';
import { customersWithCards, goodCustomers } from '../support/customers.ts';
import { eventually, nextSecond } from '../support/eventually.ts';
import { testAction } from '../support/make.ts';

const notification = { guards: {}, text: 'Přijďte dnes' };

/** Issues a card to each customer and returns the export with the card ids. */
async function openWithCards(count: number) {
  const bridge = await startBridge();
  await bridge.issue(goodCustomers(count));
  const cards = new Map([...bridge.sandbox.passes.all()].map(({ customer = '', id }) => [customer, id]));
  const patches = () => bridge.sandbox.witness.count('patch');
  return { ...bridge, csv: customersWithCards(cards), patches };
}

describe('a canary', () => {
  it('holds the campaign after exactly N customers and sends to the others after a resume', async () => {
    const { start, waitForEnd, sandbox, passbridge } = await startBridge();
    const id = await start('issue', goodCustomers(700), { guards: { canary: { customers: 30 } } });
    const held = await waitForEnd(id);
    expect(held).toMatchObject({ status: 'held', done: 30, pending: 670, halt: { kind: 'canary' } });
    expect(held.halt?.reason).toContain('30 done, 0 rejected, failed or unknown');
    expect(sandbox.passes.size).toBe(30);
    await resumeCampaign(passbridge.stores, id, testAction);
    expect(await waitForEnd(id)).toMatchObject({ status: 'finished', done: 700 });
    expect(sandbox.witness.doubles()).toEqual([]);
  });

  it('counts customers that are sent to, not rows', async () => {
    const { start, waitForEnd } = await startBridge();
    const csv = goodCustomers(40).replace('c-3,Žofie', ',Žofie').replace('c-5,Žofie', ',Žofie');
    const id = await start('issue', csv, { guards: { canary: { customers: 10 } } });
    expect(await waitForEnd(id)).toMatchObject({ status: 'held', done: 10, rejected: 2, read: 12 });
  });

  it.each([
    ['continues automatically if few of it failed', 0.2, 'finished'],
    ['holds the campaign if more of it failed', 0.05, 'held'],
  ])('with continueAt %s', async (_, continueAt, status) => {
    const { run } = await startBridge({ faults: ['create:422~c-7@'] });
    const guards = { canary: { customers: 10, continueAt } };
    expect(await run('issue', goodCustomers(60), { options: { guards } })).toMatchObject({ status });
  });
});

describe('the failure share', () => {
  it('pauses the campaign, and is counted from zero after a resume', async () => {
    const { start, waitForEnd, sandbox, passbridge } = await startBridge({ faults: ['create:422'] });
    const id = await start('issue', goodCustomers(600), { guards: { pauseAt: 0.5 } });
    const paused = await waitForEnd(id);
    expect(paused).toMatchObject({ status: 'paused', halt: { kind: 'failures' } });
    expect(paused.halt?.reason).toContain('20 of 20 ended rows');
    // At most ten more were in flight, and ten were answered but not settled yet.
    expect(paused.rejected).toBeLessThanOrEqual(40);
    sandbox.faults.clear();
    await resumeCampaign(passbridge.stores, id, testAction);
    const finished = await waitForEnd(id);
    expect(finished).toMatchObject({ status: 'finished', rejected: paused.rejected });
  });

  it('includes rejected rows', async () => {
    const { run } = await startBridge();
    const csv = goodCustomers(50).replaceAll('Žofie', '');
    const nameless = csv.replaceAll(/,[ 0-9]*,Nováková/g, ',,Nováková');
    expect(await run('issue', nameless)).toMatchObject({
      status: 'paused',
      halt: { kind: 'failures', reason: expect.stringMatching(/^(\d+) of \1 rows read were/) as string },
    });
  });

  it('compares rows that are rejected where they are read with the rows read, not with the few that have ended', async () => {
    const { run, sandbox } = await startBridge({ latencyMs: 100 });
    const csv = goodCustomers(400).replaceAll(/^(c-\d+0),[^,]+,/gm, '$1,,');
    expect(await run('issue', csv)).toMatchObject({ status: 'finished', rejected: 40, done: 360 });
    expect(sandbox.passes.size).toBe(360);
  });

  it('does not pause the campaign below the limit', async () => {
    const { run } = await startBridge({ faults: ['create:422~@example.com@25%'] });
    expect(await run('issue', goodCustomers(200))).toMatchObject({ status: 'finished' });
  });
});

/** Returns the milliseconds between the first and the last create. */
function spreadOf({ witness }: Sandbox): number {
  const times = witness.entries().flatMap(({ kind, at }) => (kind === 'create' ? [at] : []));
  return Math.max(...times) - Math.min(...times);
}

describe('the sending rate', () => {
  it.each([
    ['customers per second', { perSecond: 20 }],
    ['a spread', { overMs: 3000 }],
  ])('of %s spreads the calls, and a resumed campaign keeps it', async (_, sendingRate) => {
    const { start, waitForEnd, find, sandbox, passbridge } = await startBridge();
    const id = await start('issue', goodCustomers(60), { guards: { sendingRate } });
    await eventually(async () => expect((await find(id)).done).toBeGreaterThan(10));
    await haltCampaign(passbridge.stores, id, 'paused', testAction);
    const paused = await find(id);
    expect(paused.inQueue).toBeLessThan(25);
    await resumeCampaign(passbridge.stores, id, testAction);
    expect(await waitForEnd(id)).toMatchObject({ status: 'finished', done: 60 });
    // 60 customers at 20 per second: half a second's go at once at the start, and again after the resume.
    expect(spreadOf(sandbox)).toBeGreaterThan(1500);
    expect(sandbox.witness.doubles()).toEqual([]);
  });

  it.each([
    [
      { sendingRate: { overMs: 1000 } },
      { useBy: undefined },
      /^over is too short: 2,000 customers take at least 20 s\. Give a longer time/,
    ],
    [
      { sendingRate: { overMs: 3_600_000 } },
      { useBy: 60_000 },
      /^With over the last of 2,000 customers is due at .+, after useBy .+Send faster/,
    ],
    [
      { sendingRate: { perSecond: 10 } },
      { useBy: 60_000 },
      /^With perSecond the last of 2,000 customers is due at .+, after useBy/,
    ],
  ])(
    'of %j with %j that cannot be kept is refused before anything is sent',
    async (guards, { useBy }, message) => {
      const { start, sandbox } = await startBridge();
      const options = { guards, ...(useBy !== undefined && { useBy: Date.now() + useBy }) };
      await expect(start('issue', goodCustomers(2000), options)).rejects.toThrow(message);
      expect(sandbox.passes.size).toBe(0);
    },
  );
});

/** Returns the customers that a sandbox made a card for. */
function servedBy({ passes }: Sandbox): Set<string> {
  return new Set([...passes.all()].map(({ customer = '' }) => customer));
}

describe('a holdout', () => {
  const customers = Array.from({ length: 200 }, (_, n) => `c-${n + 1}`);
  const heldOutOf = (served: ReadonlySet<string>) => customers.filter((customer) => !served.has(customer));

  it('has the same members on two machines and after a resume', async () => {
    const guards = { holdout: { share: 0.2 } };
    const [here, there] = [await startBridge(), await startBridge()];
    const plain = await here.run('issue', goodCustomers(200), { options: { guards } });
    const members = heldOutOf(servedBy(here.sandbox));
    expect(plain).toMatchObject({
      status: 'finished',
      done: 200 - members.length,
      skippedFor: { 'held-out': members.length },
    });
    // Twenty percent of 200 within three standard deviations of a binomial distribution.
    expect(Math.abs(members.length - 40)).toBeLessThan(17);

    const id = await there.start('issue', goodCustomers(200), {
      guards: { ...guards, canary: { customers: 30 } },
    });
    expect(await there.waitForEnd(id)).toMatchObject({ status: 'held' });
    await resumeCampaign(there.passbridge.stores, id, testAction);
    expect(await there.waitForEnd(id)).toMatchObject({
      status: 'finished',
      skippedFor: { 'held-out': members.length },
    });
    expect(heldOutOf(servedBy(there.sandbox))).toEqual(members);
  });
});

describe('the notification limit', () => {
  it.each([
    [
      'skip',
      { done: 0, skipped: 3, skippedFor: { 'notification-limit': 3 } },
      6,
      ['/templateVariables/fieldValue', '/templateVariables/changeMessage'],
    ],
    ['silent', { done: 3, skipped: 0 }, 9, ['/templateVariables/fieldValue']],
  ] as const)('applies %s above the limit', async (overLimit, expected, patches, paths) => {
    const { run, patches: seen, csv, sandbox } = await openWithCards(3);
    const options = { ...notification, guards: { notificationLimit: { max: 2, overLimit } } };
    for (let n = 0; n < 2; n += 1) {
      expect(await run('notify', csv, { options })).toMatchObject({ done: 3 });
    }
    expect(await run('notify', csv, { options: { ...options, text: 'Zase my' } })).toMatchObject(expected);
    expect(seen()).toBe(patches);
    const last = sandbox.passes.of('c-1')[0]?.history.at(-1) ?? '';
    expect((JSON.parse(last) as { path: string }[]).map(({ path }) => path)).toEqual(paths);
  });

  it('holds notifications above the limit until the card may be notified again', async () => {
    const { start, run, csv, passbridge, find } = await openWithCards(2);
    const guards = { notificationLimit: { max: 1, overLimit: 'hold' as const } };
    await run('notify', csv, { options: { ...notification, guards } });
    const id = await start('notify', csv, { ...notification, guards });
    await expect.poll(async () => (await passbridge.stores.passQueue.depth()).delayed).toBe(2);
    expect(await find(id)).toMatchObject({ done: 0, pending: 2 });
  });

  it('notifies a customer once who is in the file twice', async () => {
    const { run, csv, patches } = await openWithCards(3);
    const [header, ...rows] = csv.trim().split('\n');
    const campaign = await run('notify', [header, ...rows, ...rows, ''].join('\n'), {
      options: notification,
    });
    expect(campaign).toMatchObject({ rows: 6, done: 3, skippedFor: { duplicate: 3 } });
    expect(patches()).toBe(3);
  });
});

/** Quiet hours from 30 minutes before now to 30 minutes after, in a zone. */
function hourAroundNow(zone: string, more: Pick<QuietHours, 'policy'> & Partial<QuietHours>): QuietHours {
  const now = DateTime.now().setZone(zone);
  const minute = now.hour * 60 + now.minute;
  return { from: (minute + 1440 - 30) % 1440, to: (minute + 30) % 1440, zone, ...more };
}

describe('quiet hours', () => {
  it('skip customers with the policy drop', async () => {
    const { run, sandbox } = await startBridge();
    const guards = { quietHours: hourAroundNow('Europe/Prague', { policy: 'drop' }) };
    const campaign = await run('issue', goodCustomers(5), { options: { guards } });
    expect(campaign).toMatchObject({ done: 0, skippedFor: { 'quiet-hours': 5 } });
    expect(sandbox.passes.size).toBe(0);
  });

  it('use the customer’s own time zone and hold jobs until they end', async () => {
    const { start, passbridge, find } = await startBridge();
    const [header = '', ...rows] = goodCustomers(4).trim().split('\n');
    const zones = ['Asia/Tokyo', 'Europe/Prague', 'nonsense', ''];
    const csv = [`${header},zone`, ...rows.map((row, n) => `${row},${zones[n]}`), ''].join('\n');
    const quietHours = hourAroundNow('Asia/Tokyo', {
      zone: 'Europe/Prague',
      zoneAttribute: 'zone',
      policy: 'hold',
    });
    const id = await start('issue', csv, { guards: { quietHours } });
    await expect.poll(async () => (await find(id)).done).toBe(3);
    await expect.poll(async () => (await passbridge.stores.passQueue.depth()).delayed).toBe(1);
  });

  it('skip customers whose quiet hours end after the use-by time', async () => {
    const { run } = await startBridge();
    const guards = { quietHours: hourAroundNow('Europe/Prague', { policy: 'hold' }) };
    const options = { guards, useBy: Date.now() + 60_000 };
    expect(await run('issue', goodCustomers(2), { options })).toMatchObject({
      skippedFor: { 'too-late': 2 },
    });
  });
});

describe('changed cards only', () => {
  it('sends only changed cards and writes their hash back', async () => {
    const { run, sandbox } = await startBridge();
    const options = { guards: { changedOnly: true as const } };
    await run('issue', goodCustomers(4), { options });
    const properties = (n: number) => sandbox.customers.properties(`registered:c-${n}`) ?? {};
    const csv = (name: string) =>
      [
        'registered,first_name,last_name,email,id,passmachine_pass_id,passmachine_pass_hash',
        ...[1, 2, 3, 4].map((n) =>
          [
            `c-${n}`,
            n === 2 ? name : `Žofie ${n}`,
            'Nováková',
            `c-${n}@example.com`,
            String(n).padStart(6, '0'),
            properties(n)['passmachine_pass_id'],
            properties(n)['passmachine_pass_hash'],
          ].join(','),
        ),
        '',
      ].join('\n');
    const before = properties(2)['passmachine_pass_hash'];
    // Bloomreach compares update times in whole seconds.
    await nextSecond();
    expect(await run('update', csv('Eva'), { options })).toMatchObject({
      done: 1,
      writtenBack: 1,
      skippedFor: { unchanged: 3 },
    });
    expect(properties(2)['passmachine_pass_hash']).not.toBe(before);
    expect(await run('update', csv('Eva'), { options })).toMatchObject({
      done: 0,
      skippedFor: { unchanged: 4 },
    });
  });
});

/** Schedules against a real Redis with a clock of the test's own: several processes, downtimes, deaths, overlaps. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { haltCampaign, resumeCampaign } from '../../src/services/campaigns/control.ts';
import { adopt } from '../../src/services/schedules/due-schedules.ts';
import { makeRunFetcher } from '../../src/services/schedules/run-fetcher.ts';
import { lookAtSchedules, startSchedules } from '../../src/services/schedules/run-schedules.ts';
import type { ScheduleDesk } from '../../src/services/schedules/schedule-deps.ts';
import {
  listSchedules,
  runSchedule,
  skipMissed,
  switchSchedule,
} from '../../src/services/schedules/schedules.ts';
import { parsePrograms } from '../../src/programs/file/programs.ts';
import { openProcess } from '../../src/app/process.ts';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { silent } from '../support/make.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const act = { by: 'Iva', via: 'dashboard', reason: '' } as const;

interface Rules {
  cron?: string;
  more?: string;
  processes?: number;
  rows?: number;
}

/** Desks of as many processes, all looking at one clock; nothing moves unless the test says so. */
async function openDesks(
  from: string,
  { cron = '*/30 * * * *', more = '', processes = 1, rows = 3 }: Rules = {},
) {
  const bridge = await startBridge();
  const folder = bridge.config.files.dataDir;
  const file = join(folder, `${bridge.config.redis.prefix.replaceAll(/\W/g, '')}.csv`);
  await writeFile(file, goodCustomers(rows));
  const text = `programs:
  loyalty:
    card: loyalty
    templateId: t
    create:
      templateVariables: { kpFirstName: "{{ customer.first_name }}" }
      metadata: { registered: "{{ customer_ids.registered }}" }
schedules:
  nightly:
    program: loyalty
    action: issue
    source: { file: ${file} }
    cron: '${cron}'
    timeZone: Europe/Prague
    startWithin: 10m
${more}`;
  const read = (changed = text) => parsePrograms(changed, 'programs.yaml', { folder, timeZone: 'UTC' });
  let now = Date.parse(from);
  const deskOn = (stores: ScheduleDesk['stores'], changed?: string): ScheduleDesk => ({
    file: read(changed),
    config: bridge.config,
    stores,
    fetcher: makeRunFetcher({ config: bridge.config, file: { sources: new Map() }, ...stores }),
    clock: () => now,
    log: silent,
  });
  const desks = [deskOn(bridge.passbridge.stores)];
  while (desks.length < processes) {
    const other = await openProcess(bridge.config, { env: process.env, say: () => {} }, silent);
    onTestFinished(() => other.close());
    desks.push(deskOn(other.stores));
  }
  const [desk] = desks;
  const { campaigns, schedules } = desk!.stores;
  const look = () => Promise.all(desks.map(lookAtSchedules));
  await look();
  return {
    ...bridge,
    desk: desk!,
    desks,
    file,
    text,
    deskOn,
    look,
    /** Moves the clock, and has every process look at once. */
    async at(time: number | string) {
      now = typeof time === 'string' ? Date.parse(time) : time;
      await look();
    },
    async pass(ms: number) {
      now += ms;
      await look();
    },
    ids: async () => (await campaigns.list(1000)).map(({ id }) => id).toReversed(),
    runs: () => schedules.runs('nightly'),
    state: () => schedules.find('nightly'),
    /** What people did, newest first. */
    acts: async () => (await desk!.stores.audit.page({ limit: 100 })).entries,
  };
}

describe('three processes that look at the same moment', () => {
  it.each([
    ['that loses an hour', '2027-03-28T00:00Z', '30 2 * * *', ['nightly-20270328T013000Z']],
    ['that wins an hour', '2027-10-31T00:00Z', '30 2 * * *', ['nightly-20271031T003000Z']],
  ])('start one campaign at 02:30 of the night %s', async (_, from, cron, ids) => {
    const desks = await openDesks(from, { cron, processes: 3 });
    for (let minute = 0; minute < 4 * 60; minute += 5) await desks.pass(5 * MINUTE);
    expect(await desks.ids()).toEqual(ids);
    expect(await desks.over(ids[0]!)).toMatchObject({ done: 3, schedule: 'nightly' });
    expect(desks.sandbox.witness.doubles()).toEqual([]);
  });

  it('start one campaign for each half hour', async () => {
    const desks = await openDesks('2027-10-31T00:00Z', { processes: 3, more: '    overlap: queue\n' });
    for (let half = 0; half < 6; half += 1) {
      await desks.pass(30 * MINUTE);
      await desks.over((await desks.ids()).at(-1)!);
    }
    expect(await desks.ids()).toEqual(
      ['0030', '0100', '0130', '0200', '0230', '0300'].map((time) => `nightly-20271031T${time}00Z`),
    );
    expect((await desks.runs()).map(({ result }) => result)).toEqual(Array(6).fill('started'));
  });
});

describe('after six hours down', () => {
  const from = '2027-06-01T00:00Z';
  const back = '2027-06-01T06:20Z';
  const hourly = (rule: string, processes = 3) =>
    openDesks(from, { cron: '0 * * * *', more: `    missed: ${rule}\n`, processes });

  it('run-once starts one campaign for all', async () => {
    const desks = await hourly('run-once');
    await desks.at(back);
    await desks.look();
    expect(await desks.ids()).toEqual(['nightly-20270601T060000Z']);
    expect(await desks.runs()).toMatchObject([
      { cause: 'missed', note: expect.stringContaining('5 missed before it') as string },
    ]);
  });

  it('skip starts none, and says so once', async () => {
    const desks = await hourly('skip');
    await desks.at(back);
    await desks.look();
    expect(await desks.ids()).toEqual([]);
    expect(await desks.runs()).toMatchObject([
      { result: 'missed', note: expect.stringContaining('6 runs') as string },
    ]);
  });

  it('ask starts none until somebody says run, which starts one', async () => {
    const desks = await hourly('ask');
    await desks.at(back);
    await desks.look();
    expect(await desks.ids()).toEqual([]);
    expect(await listSchedules(desks.desk)).toMatchObject([{ state: { ask: { count: 6 } } }]);
    const begun = await runSchedule(desks.desk, 'nightly', act);
    expect(begun).toEqual({ kind: 'started', campaign: 'nightly-20270601T062000Z' });
    expect((await desks.state()).ask).toBeUndefined();
    expect(await desks.runs()).toMatchObject([
      { cause: 'asked', note: 'Asked for by Iva. It stands for 6 missed before it, too.' },
    ]);
  });

  it('ask goes on asking where the run comes to nothing', async () => {
    const desks = await hourly('ask', 1);
    await desks.at(back);
    await writeFile(desks.file, 'registered\nc-1\n');
    await expect(runSchedule(desks.desk, 'nightly', act)).rejects.toThrow('was not started');
    expect((await desks.state()).ask).toMatchObject({ count: 6 });
    expect(await desks.acts()).toMatchObject([
      { voids: 1, reason: expect.stringContaining('nightly was not started') as string },
      { n: 1, act: 'schedule.run', after: { campaign: 'nightly-20270601T062000Z' } },
    ]);
  });

  it('twice run in the same second is one run', async () => {
    const desks = await hourly('ask', 2);
    await desks.at(back);
    const begun = await Promise.all(desks.desks.map((desk) => runSchedule(desk, 'nightly', act)));
    expect(begun[0]).toEqual(begun[1]);
    expect(await desks.runs()).toHaveLength(1);
    expect(await desks.ids()).toHaveLength(1);
  });

  it('ask adds up over two downtimes, and skip answers both', async () => {
    const desks = await hourly('ask');
    await desks.at(back);
    await desks.at('2027-06-01T09:20Z');
    expect(await skipMissed(desks.desk, 'nightly', { ...act, reason: 'sale is over' })).toBe(9);
    expect(await desks.ids()).toEqual([]);
    expect(await desks.runs()).toMatchObject([
      { result: 'skipped', note: '9 missed, left out by Iva. sale is over' },
    ]);
    await expect(skipMissed(desks.desk, 'nightly', act)).rejects.toThrow('no missed runs');
    expect(await desks.acts()).toMatchObject([
      { act: 'schedule.skip', on: 'nightly', before: { missed: 9 }, reason: 'sale is over' },
    ]);
  });
});

describe('a process that dies', () => {
  it('after its decision leaves the run to whoever lives, and it starts once', async () => {
    const desks = await openDesks('2027-06-01T00:00Z', { processes: 3 });
    const { schedules } = desks.desk.stores;
    // All that it had done by then.
    const due = Date.parse('2027-06-01T00:30Z');
    const firing = {
      id: 'nightly-20270601T003000Z',
      schedule: 'nightly',
      due,
      cause: 'due',
      at: due,
      standsFor: 0,
    } as const;
    expect(await schedules.decide('nightly', await desks.state(), { through: due, firing })).toBe(true);
    await desks.at(due + 2000);
    expect(await desks.ids()).toEqual([firing.id]);
    expect(await desks.over(firing.id)).toMatchObject({ done: 3 });
    await desks.look();
    expect(await schedules.firings()).toEqual([]);
    expect(await desks.runs()).toHaveLength(1);
  });

  it('after the start leaves a campaign that is fed all the same', async () => {
    const desks = await openDesks('2027-06-01T00:00Z');
    const { stores } = desks.desk;
    const dying = {
      ...stores,
      campaignQueue: { ...stores.campaignQueue, addFeed: () => Promise.reject(new Error('killed')) },
    };
    await lookAtSchedules({ ...desks.desk, stores: dying, clock: () => Date.parse('2027-06-01T00:30:01Z') });
    expect(await desks.over('nightly-20270601T003000Z')).toMatchObject({ status: 'finished', done: 3 });
  });
});

/** A run that is held by its canary while the next one comes due. */
async function busy(rule: string) {
  const desks = await openDesks('2027-06-01T00:00Z', {
    more: `    overlap: ${rule}\n    guards: { canary: 1 }\n`,
    processes: 3,
  });
  await desks.pass(30 * MINUTE);
  const [first = ''] = await desks.ids();
  await expect.poll(async () => (await desks.find(first)).status).toBe('held');
  await desks.pass(30 * MINUTE);
  return { ...desks, first };
}

describe('a run that is due while the one before goes on', () => {
  it('is skipped, and says for whom', async () => {
    const { ids, runs, first } = await busy('skip');
    expect(await ids()).toEqual([first]);
    expect(await runs()).toMatchObject([
      { result: 'skipped', note: `${first} is held still.` },
      { result: 'started' },
    ]);
  });

  it('waits and starts when it has ended; one that is due in between is skipped', async () => {
    const { ids, runs, first, pass, look, desk, over, find } = await busy('queue');
    expect(await ids()).toEqual([first]);
    await pass(30 * MINUTE);
    const second = 'nightly-20270601T010000Z';
    expect(await runs()).toMatchObject([
      { result: 'skipped', note: expect.stringContaining(`${second} waits for it`) as string },
      {},
    ]);
    expect((await listSchedules(desk))[0]?.waiting).toMatchObject([{ id: second }]);
    await resumeCampaign(desk.stores, first, act);
    await over(first);
    await look();
    expect(await ids()).toEqual([first, second]);
    expect(await find(second)).toMatchObject({ schedule: 'nightly' });
  });

  it('takes its place, and stops it with a reason', async () => {
    const { ids, runs, first, find, state, acts } = await busy('replace');
    const second = 'nightly-20270601T010000Z';
    expect(await ids()).toEqual([first, second]);
    expect(await find(first)).toMatchObject({
      status: 'stopped',
      halt: { by: 'schedule nightly', reason: `Replaced by ${second}.` },
    });
    expect(await runs()).toMatchObject([
      { result: 'started', campaign: second, note: `It replaced ${first}.` },
      {},
    ]);
    expect((await state()).replacing).toBeUndefined();
    // Nobody did any of it.
    expect(await acts()).toEqual([]);
  });

  it('is not held up by one that was stopped', async () => {
    const { ids, first, desk, pass } = await busy('skip');
    await haltCampaign(desk.stores, first, 'stopped', act);
    await pass(30 * MINUTE);
    expect(await ids()).toEqual([first, 'nightly-20270601T013000Z']);
  });
});

describe('a schedule that is switched off', () => {
  it('fires no more, in no process, and makes up for nothing when it is on again', async () => {
    const desks = await openDesks('2027-06-01T00:00Z', { processes: 2 });
    await switchSchedule(desks.desk, 'nightly', false, act);
    await desks.pass(6 * HOUR);
    expect(await desks.ids()).toEqual([]);
    await switchSchedule(desks.desk, 'nightly', true, act);
    await desks.look();
    expect(await desks.ids()).toEqual([]);
    await desks.pass(30 * MINUTE);
    expect(await desks.ids()).toEqual(['nightly-20270601T063000Z']);
    expect(await desks.acts()).toMatchObject([
      { act: 'schedule.enable', before: { enabled: false }, after: { enabled: true } },
      { act: 'schedule.disable', before: { enabled: true }, after: { enabled: false } },
    ]);
  });

  it('can still be run by hand, which its overlap rule holds for, too', async () => {
    const desks = await openDesks('2027-06-01T00:00Z', {
      more: '    guards: { canary: 1 }\n    enabled: false\n',
    });
    await desks.pass(HOUR);
    expect(await desks.ids()).toEqual([]);
    const { campaign } = await runSchedule(desks.desk, 'nightly', act);
    await expect.poll(async () => (await desks.find(campaign)).status).toBe('held');
    await desks.pass(MINUTE);
    await expect(runSchedule(desks.desk, 'nightly', act)).rejects.toThrow(`${campaign} is held still.`);
  });
});

describe('a changed file', () => {
  it('counts from when a process was started with it, and not backwards', async () => {
    const desks = await openDesks('2027-06-01T12:00Z', { cron: '30 2 * * *' });
    const changed = desks.deskOn(desks.desk.stores, desks.text.replace('30 2 * * *', '0 * * * *'));
    await adopt(changed, changed.file.schedules.get('nightly')!);
    await desks.at('2027-06-01T12:30Z');
    await lookAtSchedules(changed);
    expect(await desks.ids()).toEqual([]);
    // The one that was started before leaves it alone, the new one does not.
    await desks.at('2027-06-02T00:30:01Z');
    expect(await desks.ids()).toEqual([]);
    await lookAtSchedules(changed);
    expect(await desks.ids()).toEqual(['nightly-20270602T000000Z']);
  });
});

describe('a process whose clock is wrong', () => {
  it('decides nothing, and does not keep the others from it', async () => {
    const desks = await openDesks('2027-06-01T00:00Z');
    const before = await desks.state();
    const ahead = { ...desks.desk, clock: () => Date.now() + 365 * 24 * HOUR };
    const part = await startSchedules(ahead);
    await part.stop();
    expect(await desks.state()).toEqual(before);
  });
});

describe('a source that is not there', () => {
  it('is waited for as long as the start window is open', async () => {
    const desks = await openDesks('2027-06-01T00:00Z');
    const content = goodCustomers(2);
    await writeFile(desks.file, '');
    await desks.pass(30 * MINUTE);
    await desks.pass(5 * MINUTE);
    expect(await desks.ids()).toEqual([]);
    await writeFile(desks.file, content);
    await desks.look();
    expect(await desks.ids()).toEqual(['nightly-20270601T003000Z']);
  });

  it('is reported when the window closes', async () => {
    const desks = await openDesks('2027-06-01T00:00Z');
    await writeFile(desks.file, 'registered\nc-1\n');
    await desks.pass(30 * MINUTE);
    await desks.pass(10 * MINUTE);
    expect(await desks.ids()).toEqual([]);
    expect(await desks.runs()).toMatchObject([
      { result: 'refused', note: expect.stringContaining('no column for customer.first_name') as string },
    ]);
    await expect(runSchedule(desks.desk, 'nightly', act)).rejects.toThrow(
      'no column for customer.first_name',
    );
  });
});

describe('a condition', () => {
  it('is asked of each row, and counts whom it leaves out', async () => {
    const desks = await openDesks('2027-06-01T00:00Z', {
      rows: 12,
      more: `    where: "{{ customer.id | int < 5 }}"\n`,
    });
    await desks.pass(30 * MINUTE);
    expect(await desks.over('nightly-20270601T003000Z')).toMatchObject({
      done: 4,
      skippedFor: { filtered: 8 },
    });
  });
});

/** Schedules with a real Redis and a clock controlled by the test: several processes, downtimes, crashes, overlaps. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { haltCampaign, resumeCampaign } from '../../src/services/campaigns/control.ts';
import { makeRunFetcher } from '../../src/services/schedules/run-fetcher.ts';
import { adoptTiming, runDueSchedules } from '../../src/services/schedules/run-schedules.ts';
import type { ScheduleDeps } from '../../src/services/schedules/schedule-status.ts';
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
import { loyaltyProgramYaml } from '../support/programs-yaml.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const action = { by: 'Iva', via: 'dashboard', reason: '' } as const;

interface Rules {
  cron?: string;
  more?: string;
  processes?: number;
  rows?: number;
}

/** Opens the schedule services of several processes with one clock, which only the test moves. */
async function openServices(
  from: string,
  { cron = '*/30 * * * *', more = '', processes = 1, rows = 3 }: Rules = {},
) {
  const bridge = await startBridge();
  const folder = bridge.config.files.dataDir;
  const file = join(folder, `${bridge.config.redis.prefix.replaceAll(/\W/g, '')}.csv`);
  await writeFile(file, goodCustomers(rows));
  const text = `${loyaltyProgramYaml}schedules:
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
  const serviceOn = (stores: ScheduleDeps['stores'], changed?: string): ScheduleDeps => ({
    file: read(changed),
    config: bridge.config,
    stores,
    fetcher: makeRunFetcher({ config: bridge.config, file: { sources: new Map() }, ...stores }),
    clock: () => now,
    log: silent,
  });
  const services = [serviceOn(bridge.passbridge.stores)];
  while (services.length < processes) {
    const other = await openProcess(bridge.config, { env: process.env, say: () => {} }, silent);
    onTestFinished(() => other.close());
    services.push(serviceOn(other.stores));
  }
  const [service] = services;
  const { campaigns, schedules } = service!.stores;
  const runAll = () => Promise.all(services.map(runDueSchedules));
  await runAll();
  return {
    ...bridge,
    service: service!,
    services,
    file,
    text,
    serviceOn,
    runAll,
    /** Sets the clock, and runs the schedules of all processes at once. */
    async at(time: number | string) {
      now = typeof time === 'string' ? Date.parse(time) : time;
      await runAll();
    },
    async pass(ms: number) {
      now += ms;
      await runAll();
    },
    ids: async () => (await campaigns.list(1000)).map(({ id }) => id).toReversed(),
    runs: () => schedules.runs('nightly'),
    state: () => schedules.find('nightly'),
    /** Audit entries, newest first. */
    auditEntries: async () => (await service!.stores.audit.page({ limit: 100 })).entries,
  };
}

describe('three processes at the same moment', () => {
  it.each([
    ['when clocks go forward', '2027-03-28T00:00Z', '30 2 * * *', ['nightly-20270328T013000Z']],
    ['when clocks go back', '2027-10-31T00:00Z', '30 2 * * *', ['nightly-20271031T003000Z']],
  ])('start one campaign at 02:30 of the night %s', async (_, from, cron, ids) => {
    const services = await openServices(from, { cron, processes: 3 });
    for (let minute = 0; minute < 4 * 60; minute += 5) await services.pass(5 * MINUTE);
    expect(await services.ids()).toEqual(ids);
    expect(await services.waitForEnd(ids[0]!)).toMatchObject({ done: 3, schedule: 'nightly' });
    expect(services.sandbox.witness.doubles()).toEqual([]);
  });

  it('start one campaign for each half hour', async () => {
    const services = await openServices('2027-10-31T00:00Z', { processes: 3, more: '    overlap: queue\n' });
    for (let half = 0; half < 6; half += 1) {
      await services.pass(30 * MINUTE);
      await services.waitForEnd((await services.ids()).at(-1)!);
    }
    expect(await services.ids()).toEqual(
      ['0030', '0100', '0130', '0200', '0230', '0300'].map((time) => `nightly-20271031T${time}00Z`),
    );
    expect((await services.runs()).map(({ result }) => result)).toEqual(Array(6).fill('started'));
  });
});

describe('after six hours down', () => {
  const from = '2027-06-01T00:00Z';
  const back = '2027-06-01T06:20Z';
  const hourly = (rule: string, processes = 3) =>
    openServices(from, { cron: '0 * * * *', more: `    missed: ${rule}\n`, processes });

  it('run-once starts one campaign for all', async () => {
    const services = await hourly('run-once');
    await services.at(back);
    await services.runAll();
    expect(await services.ids()).toEqual(['nightly-20270601T060000Z']);
    expect(await services.runs()).toMatchObject([
      { cause: 'missed', note: expect.stringContaining('5 missed before it') as string },
    ]);
  });

  it('skip starts none and records it once', async () => {
    const services = await hourly('skip');
    await services.at(back);
    await services.runAll();
    expect(await services.ids()).toEqual([]);
    expect(await services.runs()).toMatchObject([
      { result: 'missed', note: expect.stringContaining('6 runs') as string },
    ]);
  });

  it('ask starts none until an operator requests a run', async () => {
    const services = await hourly('ask');
    await services.at(back);
    await services.runAll();
    expect(await services.ids()).toEqual([]);
    expect(await listSchedules(services.service)).toMatchObject([{ state: { undecided: { count: 6 } } }]);
    const requested = await runSchedule(services.service, 'nightly', action);
    expect(requested).toEqual({ kind: 'started', campaign: 'nightly-20270601T062000Z' });
    expect((await services.state()).undecided).toBeUndefined();
    expect(await services.runs()).toMatchObject([
      { cause: 'manual', note: 'Started by Iva. Makes up for 6 missed before it.' },
    ]);
  });

  it('ask stays undecided if the requested run is refused', async () => {
    const services = await hourly('ask', 1);
    await services.at(back);
    await writeFile(services.file, 'registered\nc-1\n');
    await expect(runSchedule(services.service, 'nightly', action)).rejects.toThrow('was not started');
    expect((await services.state()).undecided).toMatchObject({ count: 6 });
    expect(await services.auditEntries()).toMatchObject([
      { voids: 1, reason: expect.stringContaining('nightly was not started') as string },
      { n: 1, action: 'schedule.run', after: { campaign: 'nightly-20270601T062000Z' } },
    ]);
  });

  it('two requests in the same second start one run', async () => {
    const services = await hourly('ask', 2);
    await services.at(back);
    const requested = await Promise.all(
      services.services.map((service) => runSchedule(service, 'nightly', action)),
    );
    expect(requested[0]).toEqual(requested[1]);
    expect(await services.runs()).toHaveLength(1);
    expect(await services.ids()).toHaveLength(1);
  });

  it('ask adds up over two downtimes, and skip settles both', async () => {
    const services = await hourly('ask');
    await services.at(back);
    await services.at('2027-06-01T09:20Z');
    expect(await skipMissed(services.service, 'nightly', { ...action, reason: 'sale is over' })).toBe(9);
    expect(await services.ids()).toEqual([]);
    expect(await services.runs()).toMatchObject([
      { result: 'skipped', note: '9 missed, skipped by Iva. sale is over' },
    ]);
    await expect(skipMissed(services.service, 'nightly', action)).rejects.toThrow('no missed runs');
    expect(await services.auditEntries()).toMatchObject([
      { action: 'schedule.skip', target: 'nightly', before: { missed: 9 }, reason: 'sale is over' },
    ]);
  });
});

describe('a process that crashes', () => {
  it('after its decision leaves the run to another process, which starts it once', async () => {
    const services = await openServices('2027-06-01T00:00Z', { processes: 3 });
    const { schedules } = services.service.stores;
    // All that the process did before it crashed.
    const due = Date.parse('2027-06-01T00:30Z');
    const dueRun = {
      id: 'nightly-20270601T003000Z',
      schedule: 'nightly',
      due,
      cause: 'due',
      at: due,
      makesUpFor: 0,
    } as const;
    expect(await schedules.decide('nightly', await services.state(), { through: due, dueRun })).toBe(true);
    await services.at(due + 2000);
    expect(await services.ids()).toEqual([dueRun.id]);
    expect(await services.waitForEnd(dueRun.id)).toMatchObject({ done: 3 });
    await services.runAll();
    expect(await schedules.dueRuns()).toEqual([]);
    expect(await services.runs()).toHaveLength(1);
  });

  it('after the start leaves a campaign that is fed by another', async () => {
    const services = await openServices('2027-06-01T00:00Z');
    const { stores } = services.service;
    const dying = {
      ...stores,
      campaignQueue: { ...stores.campaignQueue, addFeed: () => Promise.reject(new Error('killed')) },
    };
    await runDueSchedules({
      ...services.service,
      stores: dying,
      clock: () => Date.parse('2027-06-01T00:30:01Z'),
    });
    expect(await services.waitForEnd('nightly-20270601T003000Z')).toMatchObject({
      status: 'finished',
      done: 3,
    });
  });
});

/** Starts a run that is held by its canary while the next one is due. */
async function openWithHeldRun(rule: string) {
  const services = await openServices('2027-06-01T00:00Z', {
    more: `    overlap: ${rule}\n    guards: { canary: 1 }\n`,
    processes: 3,
  });
  await services.pass(30 * MINUTE);
  const [first = ''] = await services.ids();
  await expect.poll(async () => (await services.find(first)).status).toBe('held');
  await services.pass(30 * MINUTE);
  return { ...services, first };
}

describe('a run that is due before the last one has ended', () => {
  it('is skipped with a note', async () => {
    const { ids, runs, first } = await openWithHeldRun('skip');
    expect(await ids()).toEqual([first]);
    expect(await runs()).toMatchObject([
      { result: 'skipped', note: `${first} is still held.` },
      { result: 'started' },
    ]);
  });

  it('waits until the last one has ended; one that is due in between is skipped', async () => {
    const { ids, runs, first, pass, runAll, service, waitForEnd, find } = await openWithHeldRun('queue');
    expect(await ids()).toEqual([first]);
    await pass(30 * MINUTE);
    const second = 'nightly-20270601T010000Z';
    expect(await runs()).toMatchObject([
      { result: 'skipped', note: expect.stringContaining(`${second} already waits for it`) as string },
      {},
    ]);
    expect((await listSchedules(service))[0]?.waiting).toMatchObject([{ id: second }]);
    await resumeCampaign(service.stores, first, action);
    await waitForEnd(first);
    await runAll();
    expect(await ids()).toEqual([first, second]);
    expect(await find(second)).toMatchObject({ schedule: 'nightly' });
  });

  it('replaces it and stops it with a reason', async () => {
    const { ids, runs, first, find, state, auditEntries } = await openWithHeldRun('replace');
    const second = 'nightly-20270601T010000Z';
    expect(await ids()).toEqual([first, second]);
    expect(await find(first)).toMatchObject({
      status: 'stopped',
      halt: { by: 'schedule nightly', reason: `Replaced by ${second}.` },
    });
    expect(await runs()).toMatchObject([
      { result: 'started', campaign: second, note: `Replaced ${first}.` },
      {},
    ]);
    expect((await state()).replacing).toBeUndefined();
    // No operator was involved.
    expect(await auditEntries()).toEqual([]);
  });

  it('starts if the last one was stopped', async () => {
    const { ids, first, service, pass } = await openWithHeldRun('skip');
    await haltCampaign(service.stores, first, 'stopped', action);
    await pass(30 * MINUTE);
    expect(await ids()).toEqual([first, 'nightly-20270601T013000Z']);
  });
});

describe('a disabled schedule', () => {
  it('starts no runs, and makes up for none when it is enabled again', async () => {
    const services = await openServices('2027-06-01T00:00Z', { processes: 2 });
    await switchSchedule(services.service, 'nightly', false, action);
    await services.pass(6 * HOUR);
    expect(await services.ids()).toEqual([]);
    await switchSchedule(services.service, 'nightly', true, action);
    await services.runAll();
    expect(await services.ids()).toEqual([]);
    await services.pass(30 * MINUTE);
    expect(await services.ids()).toEqual(['nightly-20270601T063000Z']);
    expect(await services.auditEntries()).toMatchObject([
      { action: 'schedule.enable', before: { enabled: false }, after: { enabled: true } },
      { action: 'schedule.disable', before: { enabled: true }, after: { enabled: false } },
    ]);
  });

  it('can be run by an operator, by its overlap rule', async () => {
    const services = await openServices('2027-06-01T00:00Z', {
      more: '    guards: { canary: 1 }\n    enabled: false\n',
    });
    await services.pass(HOUR);
    expect(await services.ids()).toEqual([]);
    const { campaign } = await runSchedule(services.service, 'nightly', action);
    await expect.poll(async () => (await services.find(campaign)).status).toBe('held');
    await services.pass(MINUTE);
    await expect(runSchedule(services.service, 'nightly', action)).rejects.toThrow(
      `${campaign} is still held.`,
    );
  });
});

describe('a changed file', () => {
  it('applies from the start of the first process that read it', async () => {
    const services = await openServices('2027-06-01T12:00Z', { cron: '30 2 * * *' });
    const changed = services.serviceOn(
      services.service.stores,
      services.text.replace('30 2 * * *', '0 * * * *'),
    );
    await adoptTiming(changed, changed.file.schedules.get('nightly')!);
    await services.at('2027-06-01T12:30Z');
    await runDueSchedules(changed);
    expect(await services.ids()).toEqual([]);
    // The process with the old file does not start the run, the new one does.
    await services.at('2027-06-02T00:30:01Z');
    expect(await services.ids()).toEqual([]);
    await runDueSchedules(changed);
    expect(await services.ids()).toEqual(['nightly-20270602T000000Z']);
  });
});

describe('a missing source', () => {
  it('is retried while the start window is open', async () => {
    const services = await openServices('2027-06-01T00:00Z');
    const content = goodCustomers(2);
    await writeFile(services.file, '');
    await services.pass(30 * MINUTE);
    await services.pass(5 * MINUTE);
    expect(await services.ids()).toEqual([]);
    await writeFile(services.file, content);
    await services.runAll();
    expect(await services.ids()).toEqual(['nightly-20270601T003000Z']);
  });

  it('is recorded when the window closes', async () => {
    const services = await openServices('2027-06-01T00:00Z');
    await writeFile(services.file, 'registered\nc-1\n');
    await services.pass(30 * MINUTE);
    await services.pass(10 * MINUTE);
    expect(await services.ids()).toEqual([]);
    expect(await services.runs()).toMatchObject([
      { result: 'refused', note: expect.stringContaining('no column for customer.first_name') as string },
    ]);
    await expect(runSchedule(services.service, 'nightly', action)).rejects.toThrow(
      'no column for customer.first_name',
    );
  });
});

describe('a condition', () => {
  it('filters rows and counts the skipped ones', async () => {
    const services = await openServices('2027-06-01T00:00Z', {
      rows: 12,
      more: `    where: "{{ customer.id | int < 5 }}"\n`,
    });
    await services.pass(30 * MINUTE);
    expect(await services.waitForEnd('nightly-20270601T003000Z')).toMatchObject({
      done: 4,
      skippedFor: { filtered: 8 },
    });
  });
});

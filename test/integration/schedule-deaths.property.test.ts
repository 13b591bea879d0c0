/** Processes that look at once, die anywhere and wake up late: every due time is decided on exactly once all the same. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, asyncProperty, constantFrom, infiniteStream, integer, record } from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { openProcess } from '../../src/app/process.ts';
import { makeRunFetcher } from '../../src/services/schedules/run-fetcher.ts';
import { runDueSchedules } from '../../src/services/schedules/run-schedules.ts';
import type { ScheduleDeps } from '../../src/services/schedules/schedule-status.ts';
import { aborted } from '../../src/cli/output/terminal.ts';
import { loadConfig } from '../../src/config/load.ts';
import { parsePrograms } from '../../src/programs/file/programs.ts';
import { goodCustomers } from '../support/customers.ts';
import { silent } from '../support/make.ts';
import { sharedDataDir, testPrefix } from '../support/redis.ts';

const MINUTE = 60_000;
const from = Date.parse('2027-10-30T22:00Z');

type Death = 'lives' | 'dies before' | 'dies after' | 'sleeps';

/** One look of a process that may die or fall asleep at each step. Dead, nothing that it does has any effect. */
function lookMortally(service: ScheduleDeps, deaths: Iterator<Death>) {
  let isDead = false;
  const waking = new AbortController();
  /** Once it has ended or fallen asleep. */
  const resting = new AbortController();
  const steps = <T extends object>(part: T): T =>
    Object.fromEntries(
      Object.entries(part).map(([name, step]: [string, unknown]) => [
        name,
        async (...args: unknown[]): Promise<unknown> => {
          const death: Death = deaths.next().value ?? 'lives';
          if (death === 'sleeps') {
            resting.abort();
            await aborted(waking.signal);
          }
          isDead ||= death === 'dies before';
          if (isDead) throw new Error('dead');
          const result: unknown = await (step as (...given: unknown[]) => unknown)(...args);
          isDead ||= death === 'dies after';
          if (isDead) throw new Error('dead');
          return result;
        },
      ]),
    ) as T;
  const { schedules, campaigns, campaignQueue, campaignSwitch } = service.stores;
  const stores = {
    ...service.stores,
    schedules: steps(schedules),
    campaigns: steps(campaigns),
    campaignQueue: steps(campaignQueue),
    campaignSwitch: steps(campaignSwitch),
  };
  // What it throws outside its steps is the loop's to report.
  const ended = runDueSchedules({ ...service, stores })
    .catch(() => {})
    .finally(() => resting.abort());
  return { rested: aborted(resting.signal), ended, wake: () => waking.abort() };
}

async function openService(overlap: string) {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-schedules-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'cards.csv'), goodCustomers(1));
  const text = `programs:
  p: { card: fan, templateId: t, create: { templateVariables: {} } }
schedules:
  s:
    program: p
    action: issue
    source: { file: cards.csv }
    cron: '*/30 * * * *'
    timeZone: Europe/Prague
    startWithin: 10m
    missed: ask
    overlap: ${overlap}
`;
  const config = loadConfig({ env: { DATA_DIR: sharedDataDir(), QUEUE_PREFIX: testPrefix() }, cwd: folder });
  const passbridge = await openProcess(config, { env: process.env, say: () => {} }, silent);
  const file = parsePrograms(text, 'programs.yaml', { folder, timeZone: 'UTC' });
  const serviceAt = (now: number): ScheduleDeps => ({
    file,
    config,
    stores: passbridge.stores,
    fetcher: makeRunFetcher({ config, file: { sources: new Map() }, ...passbridge.stores }),
    clock: () => now,
    log: silent,
  });
  return { serviceAt, close: passbridge.close };
}

it('each due time becomes one run or one question, whoever dies when', async () => {
  const deathsOfCampaign = infiniteStream(
    constantFrom<Death>(...Array<Death>(9).fill('lives'), 'dies before', 'dies after', 'sleeps'),
  );
  const looks = array(
    record({
      after: integer({ min: 1, max: 70 }),
      one: deathsOfCampaign,
      two: deathsOfCampaign,
      three: deathsOfCampaign,
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  await assert(
    asyncProperty(looks, constantFrom('skip', 'replace'), async (steps, overlap) => {
      const { serviceAt, close } = await openService(overlap);
      try {
        await runDueSchedules(serviceAt(from));
        let now = from;
        const lookers: ReturnType<typeof lookMortally>[] = [];
        for (const { after, ...processes } of steps) {
          now += after * MINUTE;
          const asleep = [...lookers];
          const begun = Object.values(processes).map((deaths) => lookMortally(serviceAt(now), deaths));
          for (const looker of asleep) looker.wake();
          lookers.push(...begun);
          await Promise.all(begun.map(({ rested }) => rested));
        }
        for (const { wake } of lookers) wake();
        await Promise.all(lookers.map(({ ended }) => ended));
        const survivor = serviceAt(now);
        await runDueSchedules(survivor);

        const { schedules, campaigns } = survivor.stores;
        const due = survivor.file.schedules.get('s')!.cron.between(from, now, 1000);
        const [state, runs] = await Promise.all([schedules.find('s'), schedules.runs('s')]);
        const started = runs.filter(({ result }) => result === 'started');
        expect(state.through).toBe(due.at(-1) ?? from);
        expect(await schedules.dueRuns()).toEqual([]);
        expect(new Set(runs.map((run) => run.due)).size).toBe(runs.length);
        expect(runs.length + (state.undecided?.count ?? 0)).toBe(due.length);
        expect(runs.every((run) => due.includes(run.due))).toBe(true);

        const found = await campaigns.list(1000);
        expect(found.map(({ id }) => id).toSorted()).toEqual(
          started.map(({ campaign = '' }) => campaign).toSorted(),
        );
        expect(state.replacing).toBeUndefined();
        expect(found.filter(({ status }) => status !== 'stopped').length).toBe(Math.min(started.length, 1));
      } finally {
        await close();
      }
    }),
    { numRuns: 40 },
  );
});

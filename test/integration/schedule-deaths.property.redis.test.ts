/** Processes that run schedules at once, crash at any step or stall: every due time is decided on exactly once. */

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

type Behavior = 'survives' | 'crashes before' | 'crashes after' | 'stalls';

/** Runs the schedules once in a process that may crash or stall at each step. After a crash nothing it does has an effect. */
function runUnreliably(service: ScheduleDeps, behaviors: Iterator<Behavior>) {
  let hasCrashed = false;
  const waking = new AbortController();
  /** Aborts when the run has ended or stalled. */
  const resting = new AbortController();
  const steps = <T extends object>(part: T): T =>
    Object.fromEntries(
      Object.entries(part).map(([name, step]: [string, unknown]) => [
        name,
        async (...args: unknown[]): Promise<unknown> => {
          const behavior: Behavior = behaviors.next().value ?? 'survives';
          if (behavior === 'stalls') {
            resting.abort();
            await aborted(waking.signal);
          }
          hasCrashed ||= behavior === 'crashes before';
          if (hasCrashed) throw new Error('crashed');
          const result: unknown = await (step as (...given: unknown[]) => unknown)(...args);
          hasCrashed ||= behavior === 'crashes after';
          if (hasCrashed) throw new Error('crashed');
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
  // Errors outside the steps are logged by the loop.
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

it('each due time becomes one run or one undecided run, whichever process crashes when', async () => {
  const behaviors = infiniteStream(
    constantFrom<Behavior>(
      ...Array<Behavior>(9).fill('survives'),
      'crashes before',
      'crashes after',
      'stalls',
    ),
  );
  const timeSteps = array(
    record({
      after: integer({ min: 1, max: 70 }),
      one: behaviors,
      two: behaviors,
      three: behaviors,
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  await assert(
    asyncProperty(timeSteps, constantFrom('skip', 'replace'), async (steps, overlap) => {
      const { serviceAt, close } = await openService(overlap);
      try {
        await runDueSchedules(serviceAt(from));
        let now = from;
        const attempts: ReturnType<typeof runUnreliably>[] = [];
        for (const { after, ...processes } of steps) {
          now += after * MINUTE;
          const stalled = [...attempts];
          const begun = Object.values(processes).map((process) => runUnreliably(serviceAt(now), process));
          for (const { wake } of stalled) wake();
          attempts.push(...begun);
          await Promise.all(begun.map(({ rested }) => rested));
        }
        for (const { wake } of attempts) wake();
        await Promise.all(attempts.map(({ ended }) => ended));
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

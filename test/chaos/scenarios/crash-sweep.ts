/** Repeated `kill -9` at each named step of processing a job. */

import { type CrashPoint, crashPoints, type Step } from '../crash-points.ts';
import { MAX_IN_FLIGHT, type Scenario, type ScenarioRun, type Size } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';
import type { WorkerProcesses } from '../worker-processes.ts';

const kills = { short: 2, full: 20 } as const satisfies Record<Size, number>;

/** After a kill the jobs of the dead process keep their slots for up to 15 s. */
const MAX_MS_PER_KILL = 60_000;
const END_TIMEOUT_MS = 120_000;

/** Steps that occur once in many rows, so the calls have to be fast. */
const rareSteps: ReadonlySet<Step> = new Set(['during-bulk-retry', 'while-feeding']);

/** One scenario per step. */
export const crashSweep: readonly Scenario[] = (Object.keys(crashPoints) as Step[]).map((step) => ({
  name: `crash: ${step}`,
  description: `kill -9 at "${step.replaceAll('-', ' ')}", one of two processes each time`,
  testbed: { latencyMs: rareSteps.has(step) ? 10 : 100 },
  processes: 2,
  play: (testbed, size, processes) =>
    step === 'during-bulk-retry'
      ? crashBulkRetry(testbed, processes, kills[size])
      : crashCampaign(testbed, processes, step, kills[size]),
}));

async function crashCampaign(
  testbed: Testbed,
  processes: WorkerProcesses,
  step: Step,
  times: number,
): Promise<ScenarioRun> {
  // The feeder accepts 250 rows at a time.
  const rows = times * (step === 'while-feeding' ? 400 : 60);
  const id = await testbed.startCampaign(rows);
  await crashRepeatedly(testbed, processes, { step, times, id });
  await testbed.waitForEnd(id, END_TIMEOUT_MS);
  return describeRun(testbed, { id, rows, kills: times });
}

/** Lets Passmachine refuse every row, then retries all of them in one bulk action. */
async function crashBulkRetry(
  testbed: Testbed,
  processes: WorkerProcesses,
  times: number,
): Promise<ScenarioRun> {
  const rows = times * 30;
  testbed.addFaults('create:422');
  const id = await testbed.startCampaign(rows);
  await testbed.waitForEnd(id, END_TIMEOUT_MS);
  testbed.sandbox.faults.clear();
  const crashing = crashRepeatedly(testbed, processes, { step: 'during-bulk-retry', times, id });
  await testbed.run('retry', '--campaign', id, '--detach');
  await crashing;
  await testbed.waitForEnd(id, END_TIMEOUT_MS);
  return describeRun(testbed, { id, rows, kills: times });
}

/** A job that was in the hands of a worker at four kills is dead-lettered, as one that crashes its workers would be. */
async function describeRun(testbed: Testbed, { id, rows, kills: times }: ScenarioRun): Promise<ScenarioRun> {
  const { failed } = await testbed.campaign(id);
  const figures = failed > 0 ? { 'dead-lettered after four kills each': String(failed) } : {};
  // The steps around the claim are the moments between the mark and the first byte.
  return { id, rows, kills: times, states: ['failed'], unsentPerInterruption: MAX_IN_FLIGHT, figures };
}

interface Crashes {
  step: Step;
  times: number;
  id: string;
}

async function crashRepeatedly(
  testbed: Testbed,
  processes: WorkerProcesses,
  { step, times, id }: Crashes,
): Promise<void> {
  const points: readonly CrashPoint[] = crashPoints[step];
  for (let n = 0; n < times; n += 1) {
    const point = points[n % points.length];
    if (point === undefined) throw new Error(`${step} has no crash point`);
    const skip = Math.floor(testbed.random() * (point.maxSkip + 1));
    if (!(await processes.crashAt(point, skip, AbortSignal.timeout(MAX_MS_PER_KILL)))) {
      const campaign = JSON.stringify(await testbed.campaign(id));
      throw new Error(`the crash point of kill ${n + 1} of ${times} was not reached: ${campaign}`);
    }
  }
}

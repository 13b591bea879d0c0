/** A chaos scenario, and how one is run from an empty testbed to the check of its invariants. */

import type { FinalState } from '../../src/domain/jobs/outcome.ts';
import { checkInvariants, type InvariantReport } from './invariants.ts';
import { readRunRecords } from './run-records.ts';
import { openTestbed, type Testbed, type TestbedOptions } from './testbed.ts';
import { startWorkerProcesses, type WorkerProcesses } from './worker-processes.ts';

/** `short` fits into the test suite; `full` is what the scorecard shows. */
export type Size = 'short' | 'full';

/** A campaign that has ended, and the faults that were injected into it. */
export interface ScenarioRun {
  id: string;
  rows: number;
  /** Number of processes ended by `kill -9`. */
  kills: number;
  /**
   * Maximum number of rows that may be unknown. Default: ten per kill, which are the calls in flight.
   */
  maxUnknown?: number;
  /**
   * Average number of unknown rows without a request at Passmachine that a kill or suspension may leave: the mark and
   * the first byte are about a millisecond apart. A single one may leave all calls in flight. Default: 2.
   */
  unsentPerInterruption?: number;
  /** States other than done and unknown that rows may have. */
  states?: readonly FinalState[];
  /** How many cards a customer may have; default: 1. */
  cardsPerCustomer?: number;
  /** Measurements for the scorecard. */
  figures?: Readonly<Record<string, string>>;
  /** Problems that the scenario itself found. */
  problems?: readonly string[];
}

export interface Scenario {
  name: string;
  /** Shown in the scorecard. */
  description: string;
  testbed?: Omit<TestbedOptions, 'seed'>;
  /** Runs without other scenarios beside it, because it measures time. */
  alone?: true;
  /** Number of `passbridge up` processes. */
  processes: number;
  /** By how many seconds the clock of each process's host is ahead at its start. Absent: all clocks are right. */
  hostClocks?: readonly number[];
  play(testbed: Testbed, size: Size, processes: WorkerProcesses): Promise<ScenarioRun>;
}

export interface Result extends InvariantReport {
  name: string;
  seed: number;
  seconds: number;
  kills: number;
  figures: Readonly<Record<string, string>>;
}

/** The cap on calls in flight over all processes, as configured in every scenario. */
export const MAX_IN_FLIGHT = 10;

/** Plays a scenario and checks its invariants. Never throws: an error becomes one of the problems. */
export async function playScenario(scenario: Scenario, seed: number, size: Size): Promise<Result> {
  const startedAt = performance.now();
  const testbed = await openTestbed({ ...scenario.testbed, seed });
  const finish = async (
    report: InvariantReport,
    { kills, figures = {} }: Pick<ScenarioRun, 'kills' | 'figures'>,
  ) => {
    const failed = report.problems.length > 0;
    await testbed.close({ keepFolder: failed });
    const problems = failed ? [...report.problems, `its logs are in ${testbed.folder}`] : [];
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    return { name: scenario.name, seed, seconds, kills, figures, ...report, problems };
  };
  try {
    const run = await withProcesses(testbed, scenario, (processes) =>
      scenario.play(testbed, size, processes),
    );
    const {
      kills,
      maxUnknown = kills * MAX_IN_FLIGHT,
      states = [],
      problems = [],
      cardsPerCustomer = 1,
      unsentPerInterruption = 2,
    } = run;
    const interruptions = testbed.interrupted.interruptions.length;
    const unsent = interruptions === 0 ? 0 : Math.max(MAX_IN_FLIGHT, interruptions * unsentPerInterruption);
    const allowed = { unknown: maxUnknown, unsent, states, cardsPerCustomer };
    const report = checkInvariants(await readRunRecords(testbed, run), allowed);
    return await finish({ ...report, problems: [...report.problems, ...problems] }, run);
  } catch (error) {
    return finish(reportOfError(error), { kills: 0 });
  }
}

async function withProcesses<T>(
  testbed: Testbed,
  { processes: count, hostClocks = [] }: Scenario,
  work: (processes: WorkerProcesses) => Promise<T>,
): Promise<T> {
  const processes = await startWorkerProcesses(testbed, count, hostClocks);
  try {
    return await work(processes);
  } finally {
    await processes.close();
  }
}

function reportOfError(error: unknown): InvariantReport {
  const problems = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  return {
    rows: 0,
    done: 0,
    unknown: 0,
    unsent: 0,
    lost: 0,
    duplicated: 0,
    falseDone: 0,
    maxInFlight: 0,
    problems,
  };
}

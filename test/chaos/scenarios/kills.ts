/** Workers killed at any moment. Only calls that were out may end unknown, and Passmachine has seen nearly all of them. */

import type { FinalState } from '../../../src/domain/jobs/outcome.ts';
import { sleep } from '../../../src/kit/clock.ts';
import { readRunRecords } from '../run-records.ts';
import { MAX_IN_FLIGHT, type Scenario, type ScenarioRun, type Size } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';
import type { WorkerProcesses } from '../worker-processes.ts';

const times = { short: 3, full: 25 } as const satisfies Record<Size, number>;
/** Enough rows to outlast the kills. */
const ROWS_PER_KILL = 60;
/** Calls between two kills, and the longest pause after them. */
const MIN_CALLS = 20;
const MAX_PAUSE_MS = 300;
const POLL_MS = 20;
/** The permits and the jobs of a killed process stay taken for 12 s. */
const MAX_MS_PER_KILL = 240_000;
const END_TIMEOUT_MS = 400_000;
/** A job that a worker prepared at four kills fails: it looks as if it killed them. */
const DEAD_LETTERED: readonly FinalState[] = ['failed'];

/** Faults that make the card and answer with an error. */
const maybeMade = ['500-after', '502-after', '503-after', 'html-after', 'truncated-2xx'];
const FAULT_SHARE = 0.05;
const faultyRows = { short: 400, full: 5000 } as const satisfies Record<Size, number>;

export const kills: Scenario = {
  name: 'kills',
  description: `kill -9 of one of two processes at a random moment, ${times.full} times; only calls that were out end unknown`,
  processes: 2,
  async play(testbed, size, processes) {
    const rows = times[size] * ROWS_PER_KILL;
    const id = await testbed.startCampaign(rows);
    const killed = await killRepeatedly(testbed, processes, id, times[size]);
    await testbed.waitForEnd(id, END_TIMEOUT_MS);
    const perKill = await unknownByKill(testbed, { id, rows });
    const left = perKill.map(({ inFlight, answered, neverSent }) => inFlight + answered + neverSent);
    const maxInFlight = Math.max(0, ...perKill.map(({ inFlight }) => inFlight));
    const { unknown } = await testbed.campaign(id);
    const explained = total(left);
    return {
      id,
      rows,
      kills: killed,
      maxUnknown: 2 * killed * MAX_IN_FLIGHT,
      states: DEAD_LETTERED,
      figures: {
        'unknown per kill': `${(unknown / killed).toFixed(1)} on average, at most ${Math.max(0, ...left)}`,
        'of these, in flight at Passmachine': `${total(perKill.map(({ inFlight }) => inFlight))}, at most ${maxInFlight} at one kill`,
        'of these, answered and not yet recorded': String(total(perKill.map(({ answered }) => answered))),
      },
      problems: [
        ...(explained < unknown ? [`${unknown - explained} unknown rows were not marked at any kill`] : []),
        ...(maxInFlight > MAX_IN_FLIGHT ? [`${maxInFlight} unknown rows were in flight at one kill`] : []),
      ],
    };
  },
};

export const killsWithFaults: Scenario = {
  name: 'kills with faults',
  description: `kill -9 of one of two processes while ${100 * FAULT_SHARE} % each of the creates are answered with ${maybeMade.join(', ')}`,
  processes: 2,
  testbed: { latencyMs: 20 },
  async play(testbed, size, processes): Promise<ScenarioRun> {
    const rows = faultyRows[size];
    testbed.addFaults(...maybeMade.map((fault) => `create:${fault}@${100 * FAULT_SHARE}%`));
    const id = await testbed.startCampaign(rows);
    const killed = await killRepeatedly(testbed, processes, id, times[size]);
    await testbed.waitForEnd(id, END_TIMEOUT_MS);
    const share = maybeMade.length * FAULT_SHARE;
    return {
      id,
      rows,
      kills: killed,
      maxUnknown: Math.ceil(rows * share * 1.2) + 2 * killed * MAX_IN_FLIGHT,
      states: DEAD_LETTERED,
    };
  },
};

/** Kills one of the processes after random pauses, while rows are pending. Returns the number of kills. */
async function killRepeatedly(
  testbed: Testbed,
  { workers }: WorkerProcesses,
  id: string,
  atMost: number,
): Promise<number> {
  const random = (max: number) => Math.floor(testbed.random() * max);
  let killed = 0;
  while (killed < atMost && (await waitForCalls(testbed, id))) {
    await sleep(random(MAX_PAUSE_MS));
    const victim = workers[random(workers.length)];
    await victim?.kill();
    victim?.start();
    killed += 1;
  }
  return killed;
}

/** A process that was just started has no calls in flight yet. Returns false if no row is pending any more. */
async function waitForCalls({ sandbox, campaign }: Testbed, id: string): Promise<boolean> {
  const calls = sandbox.witness.count('create') + MIN_CALLS;
  const deadline = performance.now() + MAX_MS_PER_KILL;
  for (;;) {
    const found = await campaign(id);
    if (found.fed && found.pending === 0) return false;
    if (sandbox.witness.count('create') >= calls) return true;
    if (performance.now() > deadline) throw new Error(`no calls after a kill: ${JSON.stringify(found)}`);
    await sleep(POLL_MS);
  }
}

interface LeftUnknown {
  inFlight: number;
  answered: number;
  neverSent: number;
}

/** Returns how many rows each kill left unknown, by what the witness saw of their creates. */
async function unknownByKill(testbed: Testbed, run: { id: string; rows: number }): Promise<LeftUnknown[]> {
  const { failed, interruptions } = await readRunRecords(testbed, run);
  const creates = testbed.sandbox.witness.entries().filter(({ kind }) => kind === 'create');
  const endOf = new Map(creates.map(({ customer, at, ms = Infinity }) => [customer, at + ms]));
  return interruptions.map(({ at, marked }) => {
    const ends = [...marked]
      .filter((row) => failed.get(row) === 'unknown')
      .map((row) => endOf.get(`c-${row}`));
    return {
      inFlight: ends.filter((end) => end !== undefined && end >= at).length,
      answered: ends.filter((end) => end !== undefined && end < at).length,
      neverSent: ends.filter((end) => end === undefined).length,
    };
  });
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

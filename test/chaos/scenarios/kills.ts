/** Workers killed at any moment. Only calls that were out may end unknown, and Passmachine has seen nearly all of them. */

import { readRunRecords } from '../run-records.ts';
import { sleep } from '../../../src/kit/clock.ts';
import type { Scenario, ScenarioRun, Size } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';
import type { WorkerProcesses } from '../worker-processes.ts';

const times = { short: 3, full: 50 } as const satisfies Record<Size, number>;
/** Enough rows to outlast the kills. */
const ROWS_PER_KILL = 60;
/** Calls between two kills, and the longest pause after them. */
const MIN_CALLS = 20;
const MAX_PAUSE_MS = 300;
const POLL_MS = 20;
/** Permits of a killed process stay taken for 12 s. */
const END_TIMEOUT_MS = 600_000;
const MAX_IN_FLIGHT = 10;

/** Faults that make the card and answer with an error. */
const maybeMade = ['500-after', '502-after', '503-after', 'html-after', 'truncated-2xx'];
const FAULT_SHARE = 0.05;
const faultyRows = { short: 400, full: 4000 } as const satisfies Record<Size, number>;

export const kills: Scenario = {
  name: 'kills',
  description:
    'kill -9 of one of two processes at a random moment, 50 times; only calls that were out end unknown',
  processes: 2,
  async play(testbed, size, processes) {
    const rows = times[size] * ROWS_PER_KILL;
    const id = await testbed.startCampaign(rows);
    const killed = await killRepeatedly(testbed, processes, id, times[size]);
    await testbed.waitForEnd(id, END_TIMEOUT_MS);
    const unseen = await unknownUnseen(testbed, { id, rows });
    const { unknown } = await testbed.campaign(id);
    return {
      id,
      rows,
      kills: killed,
      figures: {
        'unknown per kill': (unknown / killed).toFixed(1),
        // Killed after the mark and before the first byte.
        'unknown without a request': String(unseen),
      },
      // A call needs a millisecond of its hundred from the mark to the first byte: one in ten kills meets one.
      problems: unseen > killed ? [`${unseen} unknown rows were never sent`] : [],
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
    return { id, rows, kills: killed, maxUnknown: Math.ceil(rows * share * 1.2) + killed * MAX_IN_FLIGHT };
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
  while (killed < atMost) {
    // A process that was just started has no calls in flight yet.
    const calls = testbed.sandbox.witness.count('create') + MIN_CALLS;
    const isOver = async () => {
      const { fed, pending } = await testbed.campaign(id);
      return fed && pending === 0;
    };
    while (testbed.sandbox.witness.count('create') < calls && !(await isOver())) await sleep(POLL_MS);
    if (await isOver()) break;
    await sleep(random(MAX_PAUSE_MS));
    const victim = workers[random(workers.length)];
    await victim?.kill();
    victim?.start();
    killed += 1;
  }
  return killed;
}

/** Returns how many unknown rows have customers whose create Passmachine has never seen. */
async function unknownUnseen(testbed: Testbed, run: { id: string; rows: number }): Promise<number> {
  const { failed } = await readRunRecords(testbed, run);
  const { witness } = testbed.sandbox;
  const seen = new Set(
    witness.entries().flatMap(({ kind, customer }) => (kind === 'create' ? [customer] : [])),
  );
  return [...failed].filter(([row, state]) => state === 'unknown' && !seen.has(`c-${row}`)).length;
}

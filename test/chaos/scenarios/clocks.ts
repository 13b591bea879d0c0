/** Hosts whose clocks are wrong, differ, and are set in mid-run. Redis and the witness keep the right time. */

import { sleep } from '../../../src/kit/clock.ts';
import type { WitnessEntry } from '../../../src/sandbox/witness.ts';
import type { Scenario, ScenarioRun, Size } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';
import type { WorkerProcesses } from '../worker-processes.ts';

const HOUR_S = 3600;
const PROCESSES = 2;
const rows: Readonly<Record<Size, number>> = { short: 500, full: 3000 };
/** Some creates are retried after `Retry-After`, and some close the gate, so that due times matter. */
const RETRY_AFTER_S = 2;
const faults = [`create:503+${RETRY_AFTER_S}@4%`, 'create:429+1@1%'];
/** A retry may wait for the gate and for the thousand jobs in the queue before it, but not for a clock. */
const MAX_RETRY_S = 600;

const steps: Readonly<Record<Size, number>> = { short: 20, full: 100 };
const STEPS_S = [-0.5, HOUR_S, -HOUR_S];

/** Plays a campaign while `setClocks` runs, which must end before the campaign does. */
async function playWithClocks(
  testbed: Testbed,
  size: Size,
  setClocks: (isOver: () => Promise<boolean>) => Promise<Readonly<Record<string, string>>>,
): Promise<ScenarioRun> {
  testbed.addFaults(...faults);
  const id = await testbed.startCampaign(rows[size]);
  const figures = await setClocks(async () => (await testbed.campaign(id)).status === 'finished');
  await testbed.waitForEnd(id, 900_000);
  const { gaps, problems } = checkRetries(testbed.sandbox.witness.entries());
  const lost = await lostLocks(testbed);
  return {
    id,
    rows: rows[size],
    kills: 0,
    maxUnknown: 0,
    figures: {
      ...figures,
      retries: `${gaps.length}, after ${Math.min(...gaps).toFixed(1)} to ${Math.max(...gaps).toFixed(1)} s`,
      'locks lost': String(lost.length),
    },
    problems: [...problems, ...lost],
  };
}

const apart = (seconds: number, name: string): Scenario => ({
  name: `clocks: ${name} apart`,
  description: `one host ${name} ahead, one ${name} behind; in mid-run each is set to the other's time`,
  processes: PROCESSES,
  hostClocks: [seconds, -seconds],
  play: (testbed, size, processes) =>
    playWithClocks(testbed, size, async () => {
      await sleep(1500);
      await setClock(processes, 0, -seconds);
      await sleep(500);
      await setClock(processes, 1, seconds);
      return {};
    }),
});

const stepping: Scenario = {
  name: 'clocks: set in mid-run',
  description:
    'clocks set back by 0.5 s or 1 h, or forward by 1 h, at random moments, 100 times in one campaign',
  processes: PROCESSES,
  hostClocks: [0, 0],
  play: (testbed, size, processes) =>
    playWithClocks(testbed, size, async (isOver) => {
      const ahead = [0, 0];
      let done = 0;
      for (; done < steps[size] && !(await isOver()); done += 1) {
        const host = Math.floor(testbed.random() * PROCESSES);
        const step = STEPS_S[Math.floor(testbed.random() * STEPS_S.length)] ?? 0;
        ahead[host] = (ahead[host] ?? 0) + step;
        await setClock(processes, host, ahead[host]);
        await sleep(testbed.random() * 400);
      }
      if (done < steps[size]) throw new Error(`the campaign ended after ${done} of ${steps[size]} steps`);
      return { 'times set': String(done) };
    }),
};

export const clockScenarios: readonly Scenario[] = [apart(15, '15 s'), apart(HOUR_S, '1 h'), stepping];

async function setClock({ workers }: WorkerProcesses, host: number, seconds: number): Promise<void> {
  await workers[host]?.setClock(seconds);
}

/** Returns the seconds from each refused create to its retry, and those that are too short or too long. */
function checkRetries(entries: readonly WitnessEntry[]): { gaps: number[]; problems: string[] } {
  const refusedAt = new Map<string, number>();
  const gaps: number[] = [];
  for (const { kind, customer = '', status, at, ms = 0 } of entries) {
    if (kind !== 'create') continue;
    const before = refusedAt.get(customer);
    if (before !== undefined) gaps.push((at - before) / 1000);
    refusedAt.delete(customer);
    if (status === 503) refusedAt.set(customer, at + ms);
  }
  const wrong = gaps.filter((gap) => gap < RETRY_AFTER_S - 0.1 || gap > MAX_RETRY_S);
  return { gaps, problems: wrong.map((gap) => `a retry started ${gap.toFixed(1)} s after the refusal`) };
}

/** Returns the log lines that show that a live worker lost a lock. */
async function lostLocks(testbed: Testbed): Promise<string[]> {
  const lines = await testbed.logLines();
  return lines.filter((line) => line.includes('queue.error') && /lock/i.test(line));
}

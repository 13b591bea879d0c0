/** The in-flight limit while processes start, stop and die, and while an operator changes it. */

import { sleep } from '../../../src/kit/clock.ts';
import type { Scenario, Size } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';
import type { WorkerProcesses } from '../worker-processes.ts';

const rounds = { short: 1, full: 5 } as const satisfies Record<Size, number>;
/** Enough rows to outlast a round. */
const ROWS_PER_ROUND = 1300;
const LOWERED_LIMIT = 4;
/** A changed limit must be in force after this time. */
const IN_FORCE_MS = 1000;
const LOWERED_FOR_MS = 3000;

export const capScenarios: readonly Scenario[] = [1, 2, 4].map((count) => ({
  name: `cap: ${count} ${count === 1 ? 'process' : 'processes'}`,
  description: `${count} × worker, kill -9, restarts, and the in-flight limit changed from 10 to ${LOWERED_LIMIT} and back meanwhile`,
  processes: count,
  play: (testbed, size, processes) => changeLimitAndKill(testbed, processes, rounds[size]),
}));

async function changeLimitAndKill(testbed: Testbed, processes: WorkerProcesses, times: number) {
  const rows = times * ROWS_PER_ROUND;
  const id = await testbed.startCampaign(rows);
  const maxima: number[] = [];
  for (let n = 0; n < times; n += 1) {
    await sleep(1000 + testbed.random() * 1000);
    maxima.push(await lowerLimit(testbed));
    await killAndRestart(testbed, processes);
  }
  await testbed.waitForEnd(id, 240_000);
  const max = Math.max(...maxima);
  return {
    id,
    rows,
    kills: times,
    figures: { [`max in flight at a limit of ${LOWERED_LIMIT}`]: String(max) },
    problems: max > LOWERED_LIMIT ? [`${max} calls were in flight at a limit of ${LOWERED_LIMIT}`] : [],
  };
}

/** Lowers the limit for a while. Returns the maximum number of calls in flight from one second after the command on. */
async function lowerLimit({ run, sandbox: { witness } }: Testbed): Promise<number> {
  await run('limits', '--in-flight', String(LOWERED_LIMIT));
  const from = witness.now() + IN_FORCE_MS;
  await sleep(IN_FORCE_MS + LOWERED_FOR_MS);
  const to = witness.now();
  await run('limits', '--reset');
  const seen = witness.entries().filter(({ at }) => at >= from && at < to);
  return Math.max(0, ...seen.map(({ inFlight, authenticating }) => inFlight + authenticating));
}

/** Kills a random process and restarts a random one gracefully. */
async function killAndRestart({ random }: Testbed, { workers }: WorkerProcesses): Promise<void> {
  const randomWorker = () => workers[Math.floor(random() * workers.length)];
  const killed = randomWorker();
  await killed?.kill();
  killed?.start();
  await sleep(1000 + random() * 2000);
  const restarted = randomWorker();
  await restarted?.stop();
  restarted?.start();
}

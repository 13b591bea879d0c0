/** Never more than ten calls at once, whoever comes and goes; fewer where an operator says so. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Crew } from '../crew.ts';
import type { Scenario, Size } from '../scenario.ts';
import type { World } from '../world.ts';

const rounds = { short: 1, full: 5 } as const satisfies Record<Size, number>;
/** Rows that are sure to outlast a round. */
const ROWS_A_ROUND = 1300;
const LOWERED = 4;
/** How soon a change has to be in force. */
const IN_FORCE_MS = 1000;
const LOWERED_FOR_MS = 3000;

export const capScenarios: readonly Scenario[] = [1, 2, 4].map((size) => ({
  name: `cap: ${size} ${size === 1 ? 'process' : 'processes'}`,
  about: `${size} × worker, kill -9, restarts, and the cap changed from 10 to ${LOWERED} and back while they run`,
  processes: size,
  act: (world, length, crew) => strain(world, crew, rounds[length]),
}));

async function strain(world: World, crew: Crew, times: number) {
  const rows = times * ROWS_A_ROUND;
  const id = await world.order(rows);
  const lowered: number[] = [];
  for (let n = 0; n < times; n += 1) {
    await pause(1000 + world.random() * 1000);
    lowered.push(await lower(world));
    await disturb(world, crew);
  }
  await world.over(id, 240_000);
  const most = Math.max(...lowered);
  return {
    id,
    rows,
    kills: times,
    figures: { [`most in flight while the cap was ${LOWERED}`]: String(most) },
    problems: most > LOWERED ? [`${most} calls were in flight while the cap was ${LOWERED}`] : [],
  };
}

/** Lowers the cap for a while; returns the most calls in flight from a second after the command on. */
async function lower({ run, sandbox: { witness } }: World): Promise<number> {
  await run('limits', '--in-flight', String(LOWERED));
  const from = witness.now() + IN_FORCE_MS;
  await pause(IN_FORCE_MS + LOWERED_FOR_MS);
  const to = witness.now();
  await run('limits', '--reset');
  const seen = witness.entries().filter(({ at }) => at >= from && at < to);
  return Math.max(0, ...seen.map(({ inFlight, authenticating }) => inFlight + authenticating));
}

/** Kills one process and restarts another in order, or the same. */
async function disturb({ random }: World, { members }: Crew): Promise<void> {
  const some = () => members[Math.floor(random() * members.length)];
  const killed = some();
  await killed?.kill();
  killed?.start();
  await pause(1000 + random() * 2000);
  const restarted = some();
  await restarted?.stop();
  restarted?.start();
}

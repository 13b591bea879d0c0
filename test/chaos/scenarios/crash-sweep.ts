/** `kill -9` at each named step of the road, again and again. */

import { type CrashPoint, crashPoints, type Step } from '../crash-points.ts';
import type { Crew } from '../crew.ts';
import type { Deed, Scenario, Size } from '../scenario.ts';
import type { World } from '../world.ts';

const kills = { short: 2, full: 20 } as const satisfies Record<Size, number>;

/** After a kill the dead process's jobs keep their slots for up to 15 s. */
const MS_A_KILL = 20_000;
const REST_MS = 120_000;

/** Steps that are met once in many rows, so that these have to go fast. */
const manyRows: ReadonlySet<Step> = new Set(['during-bulk-retry', 'while-feeding']);

/** A scenario for each step. */
export const crashSweep: readonly Scenario[] = (Object.keys(crashPoints) as Step[]).map((step) => ({
  name: `crash: ${step}`,
  about: `kill -9 at "${step.replaceAll('-', ' ')}", one of two processes each time`,
  world: { latencyMs: manyRows.has(step) ? 10 : 100 },
  processes: 2,
  act: (world, size, crew) =>
    step === 'during-bulk-retry'
      ? sweepRetry(world, crew, kills[size])
      : sweepRun(world, crew, step, kills[size]),
}));

async function sweepRun(world: World, crew: Crew, step: Step, times: number): Promise<Deed> {
  // Feeding comes by once in 250 rows.
  const rows = times * (step === 'while-feeding' ? 400 : 60);
  const id = await world.order(rows);
  await crash(world, crew, { step, times, id });
  await world.over(id, REST_MS);
  return deed(world, { id, rows, kills: times });
}

/** Every row is refused at first; then all are sent again at once. */
async function sweepRetry(world: World, crew: Crew, times: number): Promise<Deed> {
  const rows = times * 30;
  world.fault('create:422');
  const id = await world.order(rows);
  await world.over(id, REST_MS);
  world.sandbox.faults.clear();
  const crashing = crash(world, crew, { step: 'during-bulk-retry', times, id });
  await world.run('retry', '--campaign', id, '--detach');
  await crashing;
  await world.over(id, REST_MS);
  return deed(world, { id, rows, kills: times });
}

/** A job that happened to be at hand at four kills is set aside, as one that kills its workers would be. */
async function deed(world: World, { id, rows, kills: times }: Deed): Promise<Deed> {
  const { failed } = await world.campaign(id);
  const figures = failed > 0 ? { 'set aside after four deaths each': String(failed) } : {};
  return { id, rows, kills: times, states: ['failed'], figures };
}

interface Order {
  step: Step;
  times: number;
  id: string;
}

async function crash(world: World, crew: Crew, { step, times, id }: Order) {
  const points: readonly CrashPoint[] = crashPoints[step];
  for (let n = 0; n < times; n += 1) {
    const point = points[n % points.length];
    if (point === undefined) throw new Error(`${step} has no point`);
    const skip = Math.floor(world.random() * (point.maxSkip + 1));
    const tooLate = AbortSignal.timeout(MS_A_KILL * 3);
    if (!(await crew.crashAt(point, skip, tooLate))) {
      throw new Error(`kill ${n + 1} of ${times} never came: ${JSON.stringify(await world.campaign(id))}`);
    }
  }
}

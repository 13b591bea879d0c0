/** Schedules as an operator sees and handles them. */

import { nearest } from '../../config/nearest.ts';
import { type Firing, runId, type Schedule, type ScheduleRun } from '../../job/schedule.ts';
import { sleep } from '../../kit/clock.ts';
import type { Decision, ScheduleState } from '../../ledger/schedules.ts';
import { begin } from './begin-run.ts';
import type { Act } from '../control.ts';
import { goingOn, isEnabled, type ScheduleDesk } from './schedule-desk.ts';

const FETCH_POLL_MS = 200;

/** A wish that does not fit the schedule; the message says why. */
export class ScheduleRefused extends Error {}

/** A schedule with what became of it so far. */
export interface ScheduleView {
  schedule: Schedule;
  state: ScheduleState;
  /** What became of the last ones, newest first. */
  runs: ScheduleRun[];
  enabled: boolean;
  /** Milliseconds since 1970; absent where it is off. */
  next?: number;
  /** Runs that have not begun: they wait for the one before, or for their source. */
  waiting: Firing[];
}

/** All schedules, in the order of the file. */
export async function listSchedules({ schedules, stores, clock }: ScheduleDesk): Promise<ScheduleView[]> {
  const firings = await stores.schedules.firings();
  const view = async (schedule: Schedule): Promise<ScheduleView> => {
    const [state, runs] = await Promise.all([
      stores.schedules.find(schedule.name),
      stores.schedules.runs(schedule.name),
    ]);
    const enabled = isEnabled(schedule, state);
    const waiting = firings.filter((firing) => firing.schedule === schedule.name);
    return {
      schedule,
      state,
      runs,
      enabled,
      waiting,
      ...(enabled && { next: schedule.cron.after(clock()) }),
    };
  };
  return Promise.all([...schedules.values()].map(view));
}

/** What came of a run that was asked for. */
export type AskedRun = { kind: 'started'; campaign: string } | { kind: 'waits'; campaign: string };

/**
 * Starts a run now, whatever the cron says, switched on or not; it answers for missed runs that
 * wait for an answer. Throws a {@link ScheduleRefused} where it comes to nothing.
 */
export async function runSchedule(desk: ScheduleDesk, name: string, by: string): Promise<AskedRun> {
  const { stores, clock } = desk;
  scheduleNamed(desk, name);
  const at = clock();
  const due = Math.floor(at / 1000) * 1000;
  const id = runId(name, due);
  await insistOn(desk, name, ({ ask }) => ({
    ...(ask !== undefined && { ask }),
    firing: { id, schedule: name, due, cause: 'asked', at, standsFor: ask?.count ?? 0, by },
  }));
  // A feeder may be quicker: what came of it is in the ledger.
  for (;;) {
    const firing = (await stores.schedules.firings()).find((other) => other.id === id);
    if (firing !== undefined) await begin(desk, firing);
    if ((await stores.campaigns.find(id)) !== undefined) return { kind: 'started', campaign: id };
    const run = (await stores.schedules.runs(name)).find(
      (other) => other.due === due && other.cause === 'asked',
    );
    if (run !== undefined) throw new ScheduleRefused(`${name} was not started. ${run.note ?? ''}`);
    const before = await goingOn(desk, await stores.schedules.find(name));
    if (before !== undefined) return { kind: 'waits', campaign: before.id };
    // Its source is being fetched.
    await sleep(FETCH_POLL_MS);
  }
}

/** Answers missed runs by leaving them out. Throws a {@link ScheduleRefused} where none waits for an answer. */
export async function skipMissed(desk: ScheduleDesk, name: string, { by, reason }: Act): Promise<number> {
  scheduleNamed(desk, name);
  let skipped = 0;
  await insistOn(desk, name, ({ ask }) => {
    if (ask === undefined) throw new ScheduleRefused(`${name} has no missed runs that wait for an answer.`);
    skipped = ask.count;
    const note = `${ask.count} missed, left out by ${by}.${reason === '' ? '' : ` ${reason}`}`;
    const run: ScheduleRun = { due: ask.last, cause: 'missed', at: desk.clock(), result: 'skipped', note };
    return { run };
  });
  return skipped;
}

/** Switches a schedule on or off, whatever the file says, for all processes and over restarts. */
export async function switchSchedule(
  desk: ScheduleDesk,
  name: string,
  enabled: boolean,
  act: Act,
): Promise<void> {
  scheduleNamed(desk, name);
  await desk.stores.schedules.switch(name, { enabled, at: desk.clock(), ...act });
}

/** The schedule of that name. Throws a {@link ScheduleRefused} that names those there are. */
export function scheduleNamed({ schedules }: Pick<ScheduleDesk, 'schedules'>, name: string): Schedule {
  const schedule = schedules.get(name);
  if (schedule !== undefined) return schedule;
  const names = [...schedules.keys()];
  if (names.length === 0)
    throw new ScheduleRefused('The programs file has no schedules: see docs/schedules.md.');
  const hint = nearest(name, names);
  throw new ScheduleRefused(
    `There is no schedule ${name}${hint === undefined ? '' : `, did you mean ${hint}`}? The programs file has: ${names.join(', ')}`,
  );
}

/** Decides on the newest state, however often others are quicker. */
async function insistOn(
  { stores }: ScheduleDesk,
  name: string,
  decision: (state: ScheduleState) => Decision,
): Promise<void> {
  for (;;) {
    const state = await stores.schedules.find(name);
    if (await stores.schedules.decide(name, state, decision(state))) return;
  }
}

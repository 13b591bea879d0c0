/**
 * Turns a firing into its campaign, or into a line that says why not. Every process may try at any
 * time: the ledger takes one of them, and what a dying process leaves undone the next one does.
 */

import { isUserError } from '../../kit/user-error.ts';
import type { Campaign } from '../../domain/campaigns/campaign.ts';
import type { DueRun, Schedule, ScheduleRun } from '../../domain/schedules/schedule.ts';
import type { ScheduleState } from '../../ledger/campaigns/schedules.ts';
import { haltByItself } from '../campaigns/control.ts';
import { type Blocker, orderRun } from './prepare-run.ts';
import { goingOn, isEnabled, type ScheduleDesk } from './schedule-deps.ts';

/** How long a firing of a schedule that is not in this file is left to those who know it. */
const UNKNOWN_FOR_MS = 60 * 60_000;

/** Begins a run, ends it, or leaves it waiting, by the rules of its schedule. */
export async function begin(service: ScheduleDesk, dueRun: DueRun): Promise<void> {
  const { stores, file, clock, log } = service;
  const { id, schedule: name, due, cause } = dueRun;
  await stopReplaced(service, name);
  const state = await stores.schedules.find(name);
  const before = await goingOn(service, state);
  const schedule = file.schedules.get(name);
  const ordered =
    schedule === undefined
      ? unknownHere(dueRun, clock())
      : ((await blocker(service, schedule, dueRun, state, before)) ??
        (await orderRun(service, schedule, dueRun)));

  const run = { due, cause, at: clock() };
  if ('result' in ordered) {
    if (ordered.result === 'later') {
      if (ordered.note !== undefined && ordered.note !== dueRun.note) {
        await stores.schedules.explain(dueRun, ordered.note);
      }
      return;
    }
    if (await stores.schedules.dismiss(dueRun, { ...run, ...ordered })) {
      log.warn({ event: `schedule.${ordered.result}`, schedule: name, due }, ordered.note);
    }
    return;
  }
  const started: ScheduleRun = { ...run, result: 'started', campaign: id, ...noteOn(dueRun, before) };
  const than = { last: state.campaign, replaces: before !== undefined, answers: cause === 'asked' };
  if ((await stores.schedules.start(dueRun, ordered, started, than)) !== 'started') return;
  log.info({ event: 'schedule.started', schedule: name, campaign: id }, started.note);
  await stopReplaced(service, name);
  await stores.campaignQueue.addFeed(id, 0);
}

/** Stops the campaign that the last run of a schedule has taken the place of, if there is one. */
export async function stopReplaced({ stores }: ScheduleDesk, name: string): Promise<void> {
  const { replacing, campaign = '' } = await stores.schedules.find(name);
  if (replacing === undefined) return;
  const why = { by: `schedule ${name}`, reason: `Replaced by ${campaign}.` };
  try {
    await haltByItself(stores, replacing, 'stopped', why);
  } catch (error) {
    // It finished by itself in the meantime.
    if (!isUserError(error, 'WRONG_STATUS')) throw error;
  }
  await stores.schedules.markReplaced(name, replacing);
}

/** Another process may have read a newer file. */
function unknownHere({ at }: DueRun, now: number): Blocker {
  if (now - at < UNKNOWN_FOR_MS) return { result: 'later' };
  return { result: 'refused', note: 'The programs file has no such schedule.' };
}

async function blocker(
  { stores }: ScheduleDesk,
  schedule: Schedule,
  { id, cause }: DueRun,
  state: ScheduleState,
  before: Campaign | undefined,
): Promise<Blocker | undefined> {
  if (cause !== 'asked' && !isEnabled(schedule, state)) {
    return {
      result: 'skipped',
      note: `It was switched off by ${state.switched?.by ?? 'the programs file'}.`,
    };
  }
  // Its own campaign is no hindrance: somebody was quicker.
  if (before === undefined || before.id === id || schedule.overlap === 'replace') return undefined;
  const still = `${before.id} is ${before.status} still`;
  if (schedule.overlap === 'skip') return { result: 'skipped', note: `${still}.` };
  const first = (await stores.schedules.dueRuns()).find((other) => other.schedule === schedule.name);
  if (first === undefined || first.id === id) return { result: 'later' };
  return { result: 'skipped', note: `${still}, and ${first.id} waits for it already.` };
}

/** What a person should know of a run that did not just start on time. */
function noteOn({ cause, standsFor, by }: DueRun, replaced: Campaign | undefined): { note?: string } {
  const notes = [
    ...(cause === 'missed' ? ['It was missed, and made up for.'] : []),
    ...(by === undefined ? [] : [`Asked for by ${by}.`]),
    ...(standsFor > 0 ? [`It stands for ${standsFor} missed before it, too.`] : []),
    ...(replaced === undefined ? [] : [`It replaced ${replaced.id}.`]),
  ];
  return notes.length === 0 ? {} : { note: notes.join(' ') };
}

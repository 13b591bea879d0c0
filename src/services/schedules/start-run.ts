/**
 * Turns a due run into a campaign, or into an entry that says why not. Every process may try at any time:
 * the ledger lets one of them start the run, and the next one continues what a dying process leaves undone.
 */

import type { Campaign, CampaignOrder } from '../../domain/campaigns/campaign.ts';
import { keyOf } from '../../domain/campaigns/options/campaign-options.ts';
import type { Program } from '../../domain/jobs/program.ts';
import type { DueRun, Schedule, ScheduleRun } from '../../domain/schedules/schedule.ts';
import { isUserError } from '../../kit/user-error.ts';
import type { ScheduleState } from '../../ledger/campaigns/schedules.ts';
import type { TakeFile } from '../../ledger/campaigns/taken-files.ts';
import { haltWithoutAudit } from '../campaigns/control.ts';
import type { Fetched } from '../campaigns/files/fetch.ts';
import type { CampaignRequest } from '../campaigns/campaign-request.ts';
import { prepareCampaign } from '../campaigns/prepare-campaign.ts';
import { startCampaign } from '../campaigns/start-campaign.ts';
import { isEnabled, type ScheduleDeps, unfinishedCampaign } from './schedule-status.ts';

/** Why a run does not become a campaign: not yet, or not at all. */
type Blocker = { result: 'later'; note?: string } | { result: 'skipped' | 'refused'; note: string };

interface PreparedRun {
  order: CampaignOrder;
  program: Program;
  take: TakeFile | undefined;
}

/** How long a due run of a schedule that this process's file lacks is left to processes with another file. */
const UNKNOWN_FOR_MS = 60 * 60_000;

/** Starts a due run, dismisses it, or leaves it waiting, by the rules of its schedule. */
export async function startRun(deps: ScheduleDeps, dueRun: DueRun): Promise<void> {
  const { stores, file, clock, log } = deps;
  const { id, schedule: name, due, cause } = dueRun;
  await stopReplaced(deps, name);
  const state = await stores.schedules.find(name);
  const before = await unfinishedCampaign(deps, state);
  const schedule = file.schedules.get(name);
  const isOpen = cause !== 'manual' && clock() - dueRun.at < (schedule?.startWithinMs ?? 0);
  const prepared =
    schedule === undefined
      ? unknownSchedule(dueRun, clock())
      : ((await blockerFor(deps, schedule, dueRun, state, before)) ??
        (await prepareRun(deps, schedule, { dueRun, isOpen })));
  if ('result' in prepared) return block(deps, dueRun, prepared);

  const run: ScheduleRun = {
    due,
    cause,
    at: clock(),
    result: 'started',
    campaign: id,
    ...noteOn(dueRun, before),
  };
  const basis = {
    run,
    last: state.campaign,
    replaces: before !== undefined,
    settlesMissed: cause === 'manual',
  };
  const startedBy = {
    kind: 'schedule',
    dueRun,
    basis,
    beforeFeed: () => stopReplaced(deps, name),
  } as const;
  try {
    if ((await startCampaign(stores, { ...prepared, startedBy })) !== 'started') return;
  } catch (error) {
    // Another campaign took the file after it was fetched: a newer one may come while the window is open.
    if (!isUserError(error, 'SOURCE_EMPTY')) throw error;
    return block(deps, dueRun, { result: isOpen ? 'later' : 'skipped', note: error.message });
  }
  log.info({ event: 'schedule.started', schedule: name, campaign: id }, run.note);
}

/** Stops the campaign that the last run of a schedule replaces, if there is one. */
export async function stopReplaced({ stores }: ScheduleDeps, name: string): Promise<void> {
  const { replacing, campaign = '' } = await stores.schedules.find(name);
  if (replacing === undefined) return;
  const why = { by: `schedule ${name}`, reason: `Replaced by ${campaign}.` };
  try {
    await haltWithoutAudit(stores, replacing, 'stopped', why);
  } catch (error) {
    // It has finished in the meantime.
    if (!isUserError(error, 'WRONG_STATUS')) throw error;
  }
  await stores.schedules.markReplaced(name, replacing);
}

async function block({ stores, clock, log }: ScheduleDeps, dueRun: DueRun, blocker: Blocker): Promise<void> {
  const { due, cause, schedule } = dueRun;
  if (blocker.result === 'later') {
    if (blocker.note !== undefined && blocker.note !== dueRun.note)
      await stores.schedules.explain(dueRun, blocker.note);
    return;
  }
  if (await stores.schedules.dismiss(dueRun, { due, cause, at: clock(), ...blocker })) {
    const fields = { event: `schedule.${blocker.result}`, schedule, due };
    // That there is nothing new is no reason to wake someone.
    if (blocker.result === 'skipped') log.info(fields, blocker.note);
    else log.warn(fields, blocker.note);
  }
}

/** Another process may have read a newer file. */
function unknownSchedule({ at }: DueRun, now: number): Blocker {
  if (now - at < UNKNOWN_FOR_MS) return { result: 'later' };
  return { result: 'refused', note: 'The programs file has no such schedule.' };
}

async function blockerFor(
  { stores }: ScheduleDeps,
  schedule: Schedule,
  { id, cause }: DueRun,
  state: ScheduleState,
  before: Campaign | undefined,
): Promise<Blocker | undefined> {
  if (cause !== 'manual' && !isEnabled(schedule, state)) {
    return {
      result: 'skipped',
      note: `The schedule was disabled by ${state.switched?.by ?? 'the programs file'}.`,
    };
  }
  // The run's own campaign means that another process has started it.
  if (before === undefined || before.id === id || schedule.overlap === 'replace') return undefined;
  const unfinished = `${before.id} is still ${before.status}`;
  if (schedule.overlap === 'skip') return { result: 'skipped', note: `${unfinished}.` };
  const first = (await stores.schedules.dueRuns()).find((other) => other.schedule === schedule.name);
  if (first === undefined || first.id === id) return { result: 'later' };
  return { result: 'skipped', note: `${unfinished}, and ${first.id} already waits for it.` };
}

/** Prepares the campaign of a run with the current source. A problem is retried while the start window is open. */
async function prepareRun(
  deps: ScheduleDeps,
  schedule: Schedule,
  { dueRun, isOpen }: { dueRun: DueRun; isOpen: boolean },
): Promise<PreparedRun | Blocker> {
  const { config, file: programsFile, clock } = deps;
  const { name, action, text, useByMs, guards, where, skipBadRows, encoding } = schedule;
  const program = programsFile.programs.get(schedule.program);
  if (program === undefined) throw new Error(`the program of schedule ${name} is missing`);
  const createdAt = clock();
  const fetched = await fetchSource(deps, schedule, { program, run: dueRun.id, isOpen });
  if ('result' in fetched) return fetched;

  const { path: file, from, taken } = fetched;
  const options = {
    ...(text !== undefined && { text }),
    ...(useByMs !== undefined && { useBy: createdAt + useByMs }),
    ...(guards !== undefined && { guards }),
    ...(where !== undefined && { where }),
    ...(skipBadRows === true && { skipBadRows }),
    ...(encoding !== undefined && { encoding }),
  };
  const request: CampaignRequest = {
    config,
    program,
    action,
    file,
    ...(from !== undefined && { from }),
    options,
    nameOf: keyOf,
    isUnattended: true,
  };
  try {
    const order = await prepareCampaign(request, { id: dueRun.id, createdAt, schedule: name });
    const take = from === undefined || taken === undefined ? undefined : { source: from, ...taken };
    return { order, program, take };
  } catch (error) {
    if (!isUserError(error, 'INVALID_CAMPAIGN')) throw error;
    return { result: isOpen ? 'later' : 'refused', note: error.message };
  }
}

/** Returns the file of a run, or why it is not there. */
async function fetchSource(
  { fetcher }: ScheduleDeps,
  { source, action, guards }: Schedule,
  { program, run, isOpen }: { program: Program; run: string; isOpen: boolean },
): Promise<(Omit<Fetched, 'from'> & { from?: string }) | Blocker> {
  if (source.kind === 'file') return { path: source.path };
  const progress = await fetcher.fetch(run, source.name, { program, action, guards });
  switch (progress.kind) {
    case 'in-progress':
      return { result: 'later', ...(progress.why !== undefined && { note: `${progress.why}.` }) };
    case 'fetched':
      return progress.fetched;
    case 'failed': {
      const { message: note, code } = progress.error;
      if (isOpen) return { result: 'later', note };
      return { result: code === 'SOURCE_EMPTY' ? 'skipped' : 'refused', note };
    }
  }
}

/** Returns what an operator should know about a run that did not simply start on time. */
function noteOn({ cause, makesUpFor, by }: DueRun, replaced: Campaign | undefined): { note?: string } {
  const notes = [
    ...(cause === 'missed' ? ['Started late, after it was missed.'] : []),
    ...(by === undefined ? [] : [`Started by ${by}.`]),
    ...(makesUpFor > 0 ? [`Makes up for ${makesUpFor} missed before it.`] : []),
    ...(replaced === undefined ? [] : [`Replaced ${replaced.id}.`]),
  ];
  return notes.length === 0 ? {} : { note: notes.join(' ') };
}

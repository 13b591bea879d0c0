/** Makes a campaign's order of a scheduled run, with the source as it is now. */

import { isUserError } from '../../kit/user-error.ts';
import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import type { Program } from '../../domain/jobs/program.ts';
import type { DueRun, Schedule } from '../../domain/schedules/schedule.ts';
import { order } from '../campaigns/campaigns.ts';
import type { Fetched } from '../campaigns/files/fetch.ts';
import type { ScheduleDesk } from './schedule-deps.ts';

/** Why a run does not become a campaign: not yet, or not at all. */
export type Blocker = { result: 'later'; note?: string } | { result: 'skipped' | 'refused'; note: string };

type Obtained = Omit<Fetched, 'from'> & { from?: string };

/** What is not there yet, or does not fit, may come: it is tried until the start window closes. */
export async function orderRun(
  service: ScheduleDesk,
  schedule: Schedule,
  dueRun: DueRun,
): Promise<CampaignOrder | Blocker> {
  const { config, file: programsFile, stores, clock } = service;
  const { name, action, text, useByMs, guards, where, skipBadRows = false } = schedule;
  const program = programsFile.programs.get(schedule.program);
  if (program === undefined) throw new Error(`schedule ${name} was read without its program`);
  const createdAt = clock();
  const isOpen = dueRun.cause !== 'asked' && createdAt - dueRun.at < schedule.startWithinMs;
  const obtained = await obtain(service, schedule, { program, run: dueRun.id, isOpen });
  if ('result' in obtained) return obtained;

  const { path: file, from, taken } = obtained;
  const options = {
    ...(text !== undefined && { text }),
    ...(useByMs !== undefined && { useBy: createdAt + useByMs }),
    ...(guards !== undefined && { guards }),
    ...(where !== undefined && { where }),
  };
  const request = { config, program, action, file, ...(from !== undefined && { from }), options };
  try {
    const ordered = await order(request, { skipBadRows, id: dueRun.id, createdAt, schedule: name });
    await stores.programVersions.keep(program);
    // Before the campaign is there: whoever takes up this run may take the file again, and no other.
    if (from !== undefined && taken !== undefined) await stores.takenFiles.take(from, taken, dueRun.id);
    return ordered;
  } catch (error) {
    if (!isUserError(error, 'INVALID_CAMPAIGN')) throw error;
    return { result: isOpen ? 'later' : 'refused', note: error.message };
  }
}

interface Wanted {
  program: Program;
  /** Of the campaign to be. */
  run: string;
  isOpen: boolean;
}

/** The file that a run is about. */
async function obtain(
  { fetcher }: ScheduleDesk,
  { source, action, guards }: Schedule,
  { program, run, isOpen }: Wanted,
): Promise<Obtained | Blocker> {
  if (source.kind === 'file') return { path: source.path };
  const progress = await fetcher.look(run, source.name, { program, action, guards });
  switch (progress.kind) {
    case 'under-way':
      return { result: 'later' };
    case 'fetched':
      return progress.fetched;
    case 'refused': {
      const { message: note, code } = progress.refusal;
      if (isOpen) return { result: 'later', note };
      return { result: code === 'SOURCE_EMPTY' ? 'skipped' : 'refused', note };
    }
  }
}

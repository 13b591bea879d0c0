/** What the schedule services work with, and how a schedule stands. */

import type { Config } from '../../config/config.ts';
import type { Campaign } from '../../domain/campaigns/campaign.ts';
import type { MissedRuns, Schedule } from '../../domain/schedules/schedule.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { ScheduleState } from '../../ledger/campaigns/schedules.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { Stores } from '../stores.ts';
import type { RunFetcher } from './run-fetcher.ts';

export interface ScheduleDeps {
  config: Config;
  /** Read each time, because the file may be reloaded. */
  file: ProgramsFile;
  stores: Stores;
  fetcher: RunFetcher;
  clock: Clock;
  log: Logger;
}

/** Returns whether a schedule starts runs automatically: an operator's setting overrides the file. */
export function isEnabled({ enabled }: Schedule, { switched }: ScheduleState): boolean {
  return switched?.enabled ?? enabled;
}

/** Returns the campaign of the last run if it has not ended; held and paused campaigns have not. */
export async function unfinishedCampaign(
  { stores }: Pick<ScheduleDeps, 'stores'>,
  { campaign: id }: ScheduleState,
): Promise<Campaign | undefined> {
  const campaign = id === undefined ? undefined : await stores.campaigns.find(id);
  return campaign?.status === 'finished' || campaign?.status === 'stopped' ? undefined : campaign;
}

/** Returns the missed runs that an operator must decide on, by schedule, in the order of the file. */
export async function undecidedSchedules(
  { schedules }: Pick<Stores, 'schedules'>,
  file: Pick<ProgramsFile, 'schedules'>,
): Promise<Map<string, MissedRuns>> {
  const states = await Promise.all(
    [...file.schedules.keys()].map(async (name) => ({ name, state: await schedules.find(name) })),
  );
  return new Map(
    states.flatMap(({ name, state }) => (state.undecided === undefined ? [] : [[name, state.undecided]])),
  );
}

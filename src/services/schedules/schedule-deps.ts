/** What it takes to run schedules, and how a schedule stands. */

import type { Config } from '../../config/config.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { Campaign } from '../../domain/campaigns/campaign.ts';
import type { Schedule } from '../../domain/schedules/schedule.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { ScheduleState } from '../../ledger/campaigns/schedules.ts';
import type { RunFetcher } from './run-fetcher.ts';
import type { Stores } from '../stores.ts';

export interface ScheduleDesk {
  config: Config;
  /** Looked at each time: it may change. */
  file: ProgramsFile;
  stores: Stores;
  fetcher: RunFetcher;
  clock: Clock;
  log: Logger;
}

/** Whether a schedule fires by itself: an operator's word is above the file. */
export function isEnabled({ enabled }: Schedule, { switched }: ScheduleState): boolean {
  return switched?.enabled ?? enabled;
}

/** The campaign of the last run, if it has not ended: held and paused ones have not. */
export async function goingOn(
  { stores }: Pick<ScheduleDesk, 'stores'>,
  { campaign: id }: ScheduleState,
): Promise<Campaign | undefined> {
  const campaign = id === undefined ? undefined : await stores.campaigns.find(id);
  return campaign?.status === 'finished' || campaign?.status === 'stopped' ? undefined : campaign;
}

/** The schedules that missed runs and leave it to a person what becomes of them. */

import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { MissedRuns } from '../../domain/schedules/schedule.ts';
import type { Stores } from '../stores.ts';

/** What they missed, by name, in the order of the file. */
export async function askingSchedules(
  { schedules }: Pick<Stores, 'schedules'>,
  file: Pick<ProgramsFile, 'schedules'>,
): Promise<Map<string, MissedRuns>> {
  const states = await Promise.all(
    [...file.schedules.keys()].map(async (name) => ({ name, ask: (await schedules.find(name)).ask })),
  );
  return new Map(states.flatMap(({ name, ask }) => (ask === undefined ? [] : [[name, ask]])));
}

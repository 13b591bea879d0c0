/** Deletes fetched and uploaded files that no campaign needs any more. */

import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hostClock } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { Part } from '../../../kit/part.ts';
import { startPeriodic } from '../../../kit/periodic.ts';
import type { Stores } from '../../stores.ts';

const HOUR_MS = 60 * 60_000;

/** Files stay this long after they were written, because `results` reads a campaign's file again. */
export const SPOOL_KEPT_MS = 30 * 24 * HOUR_MS;

/** Sweeps the folder now and every hour. */
export function startSpoolSweep(folder: string, stores: Pick<Stores, 'campaigns'>, log: Logger): Part {
  return startPeriodic({
    name: 'spool sweep',
    everyMs: HOUR_MS,
    work: () => sweepSpool(folder, stores),
    log,
  });
}

/** Deletes old files. Files of campaigns that have not finished stay, however old they are. */
export async function sweepSpool(folder: string, { campaigns }: Pick<Stores, 'campaigns'>): Promise<void> {
  const old = await filesBefore(folder, hostClock() - SPOOL_KEPT_MS);
  if (old.length === 0) return;
  const needed = new Set<string>();
  for await (const page of campaigns.pages()) {
    for (const { status, source } of page) {
      if (status !== 'finished' && source.kind === 'file') needed.add(source.path);
    }
  }
  for (const path of old) if (!needed.has(path)) await rm(path, { force: true });
}

/** Returns the paths of files modified before a time (ms); none if the folder does not exist. */
async function filesBefore(folder: string, before: number): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { mtimeMs } = await stat(path);
      return { path, mtimeMs };
    }),
  );
  return found.filter(({ mtimeMs }) => mtimeMs < before).map(({ path }) => path);
}

/** Clears away fetched files that nobody needs any more. */

import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { Part } from '../../../kit/part.ts';
import type { Stores } from '../../stores.ts';

const HOUR_MS = 60 * 60_000;
/** `results` reads a campaign's file once more, so it stays for a while after it was written. */
export const SPOOL_KEPT_MS = 30 * 24 * HOUR_MS;
/** The newest that are asked which files they still need. */
const CAMPAIGNS = 10_000;

/** Looks now and every hour. Files of campaigns that have not finished stay, however old. */
export function startSpoolSweep(folder: string, { campaigns }: Pick<Stores, 'campaigns'>, log: Logger): Part {
  const sweep = async () => {
    const old = await olderThan(folder, systemClock() - SPOOL_KEPT_MS);
    if (old.length === 0) return;
    const needed = new Set(
      (await campaigns.list(CAMPAIGNS)).flatMap(({ status, source }) =>
        status !== 'finished' && source.kind === 'file' ? [source.path] : [],
      ),
    );
    for (const path of old) if (!needed.has(path)) await rm(path, { force: true });
  };
  let sweeping = Promise.resolve();
  const look = () => {
    sweeping = sweep().catch((error: unknown) => log.error({ event: 'spool.not-swept', err: error }));
  };
  look();
  const timer = setInterval(look, HOUR_MS);
  return {
    name: 'spool sweep',
    async stop() {
      clearInterval(timer);
      await sweeping;
    },
  };
}

/** Paths in the folder, which may not be there, of files that were written before. */
async function olderThan(folder: string, before: number): Promise<string[]> {
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

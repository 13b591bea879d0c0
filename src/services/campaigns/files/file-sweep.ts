/** Deletes fetched and uploaded files that no campaign and no draft needs any more. */

import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../../config/config.ts';
import { hostClock } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { Part } from '../../../kit/part.ts';
import { startPeriodic } from '../../../kit/periodic.ts';
import type { Stores } from '../../stores.ts';
import { spoolFolder, uploadFolder } from './fetch.ts';
import { FILE_KEPT_MS, neededUntil, UNUSED_UPLOAD_KEPT_MS, usersOfFiles } from './file-needs.ts';

const HOUR_MS = 60 * 60_000;

/** A folder that passbridge fills. */
export interface OwnFolder {
  path: string;
  /** How long its files stay after they were last written or used, if no campaign uses them. */
  unusedMs: number;
}

/** A file in it. */
export interface OwnFile {
  path: string;
  /** Modification time, ms. */
  writtenAt: number;
  /** Time (ms) from which on it is deleted if no campaign needs it. */
  sweptAt: number;
  /** Path of the metadata of an upload, `{path}.json`. */
  metadata?: string;
}

/** Returns the folders of uploaded and of fetched files. */
export function ownFolders(config: Pick<Config, 'files'>): OwnFolder[] {
  return [
    { path: uploadFolder(config), unusedMs: UNUSED_UPLOAD_KEPT_MS },
    { path: spoolFolder(config), unusedMs: FILE_KEPT_MS },
  ];
}

/** Sweeps the folders now and every hour. */
export function startFileSweep(
  config: Pick<Config, 'files'>,
  stores: Pick<Stores, 'campaigns'>,
  log: Logger,
): Part {
  const folders = ownFolders(config);
  return startPeriodic({
    name: 'file sweep',
    everyMs: HOUR_MS,
    work: () => sweepFiles(folders, stores, hostClock()),
    log,
  });
}

/** Deletes the files that are not needed at `now`, ms. */
export async function sweepFiles(
  folders: readonly OwnFolder[],
  stores: Pick<Stores, 'campaigns'>,
  now: number,
): Promise<void> {
  // Listed before the campaigns: the file of one that starts meanwhile was used a moment ago.
  const old = (await Promise.all(folders.map(filesIn))).flat().filter(({ sweptAt }) => sweptAt < now);
  if (old.length === 0) return;
  const users = await usersOfFiles(stores, now);
  for (const file of old) if (neededUntil(users.get(file.path)) < now) await removeFile(file);
}

/** Deletes a file and its metadata. */
export async function removeFile({ path, metadata }: Pick<OwnFile, 'path' | 'metadata'>): Promise<void> {
  await rm(path, { force: true });
  if (metadata !== undefined) await rm(metadata, { force: true });
}

const METADATA = '.json';

/** Lists a folder; empty if it does not exist. */
export async function filesIn({ path: folder, unusedMs }: OwnFolder): Promise<OwnFile[]> {
  const names = new Set(await readdir(folder).catch(() => []));
  const isMetadata = (name: string) => name.endsWith(METADATA) && names.has(name.slice(0, -METADATA.length));
  const files = [...names].filter((name) => !isMetadata(name));
  const found = await Promise.all(
    files.map(async (name): Promise<OwnFile[]> => {
      const path = join(folder, name);
      const metadata = names.has(name + METADATA) ? path + METADATA : undefined;
      const [writtenAt, usedAt = 0] = await Promise.all([path, metadata].map(modifiedAt));
      // Deleted meanwhile.
      if (writtenAt === undefined) return [];
      const sweptAt = Math.max(writtenAt, usedAt) + unusedMs;
      return [{ path, writtenAt, sweptAt, ...(metadata !== undefined && { metadata }) }];
    }),
  );
  return found.flat();
}

/** Returns the modification time of a file (ms); undefined if there is none. */
async function modifiedAt(path: string | undefined): Promise<number | undefined> {
  const stats = path === undefined ? undefined : await stat(path).catch(() => undefined);
  return stats?.mtimeMs;
}

/**
 * Restores a backup into an empty DATA_DIR and, with a REDIS_URL, into a Redis without data of this prefix. Everything
 * is unpacked and verified before any of it is put in place.
 */

import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../../config/config.ts';
import { UserError } from '../../kit/user-error.ts';
import type { Host } from '../stores.ts';
import { type Manifest, readArchive } from './archive.ts';
import { declareRestored } from './declaration.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../../kit/files.ts';

export interface RestoreReport {
  manifest: Manifest;
  /** Paths of the restored copies of the programs file and the operators file. */
  configuration: string[];
}

/** Throws a {@link UserError} if the backup is damaged or does not fit, or if there is data that it would replace. */
export async function restoreBackup(
  config: Pick<Config, 'files' | 'redis'>,
  path: string,
  host: Host,
): Promise<RestoreReport> {
  const { dataDir } = config.files;
  if ((await stat(path).catch(() => undefined)) === undefined) {
    throw new UserError('BACKUP_REFUSED', `${path} does not exist. Check the path.`);
  }
  await refuseUnlessEmpty(dataDir);
  const work = join(dataDir, '.restoring');
  await mkdir(work, { recursive: true, mode: PRIVATE_FOLDER });
  try {
    const manifest = await unpack(path, work, config);
    // Declared first: data that is put in place must never be taken for current.
    await declareRestored(config, { createdAt: manifest.createdAt });
    const configuration = await moveIntoDataDir(work, dataDir);
    await loadSnapshot(join(work, 'redis.rdb'), { config, db: manifest.db, host });
    return { manifest, configuration };
  } catch (error) {
    // DATA_DIR was empty, so that the restore can be repeated.
    for (const name of await readdir(dataDir))
      await rm(join(dataDir, name), { recursive: true, force: true });
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function refuseUnlessEmpty(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return;
  throw new UserError(
    'BACKUP_REFUSED',
    `DATA_DIR (${dataDir}) is not empty, and a restore replaces nothing. Stop all processes, move the folder away and run passbridge restore again.`,
  );
}

async function unpack(path: string, work: string, { redis }: Pick<Config, 'redis'>): Promise<Manifest> {
  let manifest: Manifest | undefined;
  const times = await readArchive(path, {
    manifest(found) {
      manifest = found;
      if (found.prefix === redis.prefix) return;
      throw new UserError(
        'BACKUP_REFUSED',
        `The backup has the data of QUEUE_PREFIX ${found.prefix}, but QUEUE_PREFIX is ${redis.prefix}. Set QUEUE_PREFIX to that of the backup.`,
      );
    },
    async entry(name, content) {
      const target = join(work, name);
      await mkdir(dirname(target), { recursive: true, mode: PRIVATE_FOLDER });
      await pipeline(Readable.from(content), createWriteStream(target, { mode: PRIVATE_FILE }));
    },
  });
  if (manifest === undefined) throw new UserError('BACKUP_REFUSED', `${path} has no manifest.`);
  // A campaign reads its file only if the modification time is the same.
  for (const [name, mtimeMs] of times) await utimes(join(work, name), mtimeMs / 1000, mtimeMs / 1000);
  return manifest;
}

/** Moves the files of DATA_DIR into it, and the configuration beside them, because its own folder may have other files. */
async function moveIntoDataDir(work: string, dataDir: string): Promise<string[]> {
  for (const name of await namesIn(join(work, 'files'))) {
    await rename(join(work, 'files', name), join(dataDir, name));
  }
  const configuration = await namesIn(join(work, 'config'));
  if (configuration.length === 0) return [];
  const folder = join(dataDir, 'restored-config');
  await rename(join(work, 'config'), folder);
  return configuration.map((name) => join(folder, name));
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

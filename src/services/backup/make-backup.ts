/** Makes a backup while passbridge runs: a snapshot of Redis, and the files that campaigns still need. */

import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { Redis } from 'ioredis';
import type { Config } from '../../config/config.ts';
import { downloadRdb, SnapshotRefused } from '../../kit/redis/rdb-download.ts';
import { UserError } from '../../kit/user-error.ts';
import { DATA_VERSION } from '../../ledger/data-version.ts';
import { spoolFolder, uploadFolder } from '../campaigns/files/fetch.ts';
import { packageVersion } from '../../kit/runtime/package-files.ts';
import type { Stores } from '../stores.ts';
import { ARCHIVE_FORMAT, type ArchiveEntry, type Manifest, writeArchive } from './archive.ts';

export interface BackupReport {
  /** Bytes. */
  size: number;
  /** Bytes of the snapshot of Redis. */
  redis: number;
  files: number;
}

/** Throws a {@link UserError} if there is such a file, or if Redis hands out no snapshot. */
export async function makeBackup(
  { redis }: Pick<Stores, 'redis'>,
  config: Pick<Config, 'files' | 'redis'>,
  path: string,
  now: number,
): Promise<BackupReport> {
  if ((await stat(path).catch(() => undefined)) !== undefined) {
    throw new UserError('BACKUP_REFUSED', `${path} exists already. Choose another name.`);
  }
  if (!(redis instanceof Redis)) {
    throw new UserError(
      'BACKUP_REFUSED',
      'A Redis Cluster has no common snapshot of its nodes. Use the backups of its provider, and see docs/deployment.md#backups.',
    );
  }
  const snapshot = await downloadRdb(redis).catch((error: unknown) => {
    if (!(error instanceof SnapshotRefused)) throw error;
    throw new UserError(
      'BACKUP_REFUSED',
      `Redis hands out no snapshot: ${error.message}. Permit SYNC to this user, or use the backups of its provider; see docs/deployment.md#backups.`,
    );
  });
  const manifest: Manifest = {
    format: ARCHIVE_FORMAT,
    version: packageVersion(),
    dataVersion: DATA_VERSION,
    createdAt: now,
    prefix: config.redis.prefix,
    db: redis.options.db ?? 0,
  };
  const report = { size: 0, redis: snapshot.size, files: 0 };
  const entries = async function* (): AsyncGenerator<ArchiveEntry> {
    yield { name: 'redis.rdb', size: snapshot.size, content: snapshot.chunks };
    // After the snapshot: a campaign in it was created after its file.
    for await (const entry of fileEntries(config)) {
      report.files += 1;
      yield entry;
    }
  };
  report.size = await writeArchive(path, manifest, entries());
  return report;
}

async function* fileEntries({ files }: Pick<Config, 'files'>): AsyncGenerator<ArchiveEntry> {
  for (const folder of [uploadFolder({ files }), spoolFolder({ files })]) {
    for (const path of await filesBelow(folder)) {
      const name = relative(files.dataDir, path).replaceAll('\\', '/');
      yield* fileEntry(`files/${name}`, path);
    }
  }
  const configuration = [files.programs, ...(files.operators === undefined ? [] : [files.operators])];
  for (const path of configuration) yield* fileEntry(`config/${basename(path)}`, path);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** Yields nothing for a file that is deleted meanwhile: no campaign needs it. */
async function* fileEntry(name: string, path: string): AsyncGenerator<ArchiveEntry> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return;
  const { size, mtimeMs } = found;
  yield { name, size, mtimeMs, content: exactly(path, size) };
}

/** Reads the bytes that a file had: an upload in progress still grows. */
async function* exactly(path: string, size: number): AsyncGenerator<Buffer> {
  if (size > 0) yield* createReadStream(path, { end: size - 1 }) as AsyncIterable<Buffer>;
}

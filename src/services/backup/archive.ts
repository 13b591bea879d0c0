/**
 * The format of a backup: a tar archive with `manifest.json`, the files, and `checksums.json` as the last entry, which
 * proves that the archive is complete.
 */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { openAtomicFile, PRIVATE_FILE } from '../../kit/files.ts';
import { UserError } from '../../kit/user-error.ts';

/** To be incremented if an older passbridge would misread the archive. */
export const ARCHIVE_FORMAT = 1;

export interface Manifest {
  format: number;
  /** Version of the passbridge that made it. */
  version: string;
  /** Of the stored data. */
  dataVersion: number;
  /** When the snapshot of Redis was requested, ms since 1970. */
  createdAt: number;
  /** QUEUE_PREFIX. */
  prefix: string;
  /** Number of the Redis database. */
  db: number;
}

export interface ArchiveEntry {
  /** With slashes, e.g. `files/uploads/a.csv`. */
  name: string;
  size: number;
  /** Modification time, ms since 1970. */
  mtimeMs?: number;
  content: AsyncIterable<Buffer>;
}

interface Checksum {
  sha256: string;
  mtimeMs?: number;
}

const MANIFEST = 'manifest.json';
const CHECKSUMS = 'checksums.json';

/** Writes an archive readable by this user only; it appears when it is complete. Returns its size in bytes. */
export async function writeArchive(
  path: string,
  manifest: Manifest,
  entries: AsyncIterable<ArchiveEntry>,
): Promise<number> {
  const file = await openAtomicFile(path);
  const tar = pack();
  const checksums: Record<string, Checksum> = {};
  const add = async ({ name, size, mtimeMs, content }: ArchiveEntry) => {
    const digest = createHash('sha256');
    const entry = tar.entry({ name, size, mode: PRIVATE_FILE });
    const hashing = async function* () {
      for await (const chunk of content) {
        digest.update(chunk);
        yield chunk;
      }
    };
    await pipeline(Readable.from(hashing()), entry);
    checksums[name] = { sha256: digest.digest('hex'), ...(mtimeMs !== undefined && { mtimeMs }) };
  };
  const fill = async () => {
    await add(textEntry(MANIFEST, JSON.stringify(manifest)));
    for await (const entry of entries) await add(entry);
    await add(textEntry(CHECKSUMS, JSON.stringify(checksums)));
    tar.finalize();
  };
  let bytes = 0;
  const drain = async () => {
    for await (const chunk of tar as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      await file.write(chunk);
    }
  };
  try {
    await Promise.all([
      fill().catch((error: unknown) => {
        tar.destroy();
        throw error;
      }),
      drain(),
    ]);
    await file.commit();
    return bytes;
  } finally {
    await file.close();
  }
}

function textEntry(name: string, text: string): ArchiveEntry {
  const bytes = Buffer.from(text);
  return { name, size: bytes.length, content: Readable.from([bytes]) };
}

/** Receives the entries of an archive in order; the manifest comes first. */
export interface ArchiveReceiver {
  /** Throws to refuse the archive. */
  manifest(manifest: Manifest): Promise<void> | void;
  entry(name: string, content: AsyncIterable<Buffer>): Promise<void>;
}

/**
 * Reads an archive. Resolves with the modification times of its entries once every checksum has been verified. Throws
 * a {@link UserError} if the archive is incomplete, damaged or of a newer format.
 */
export async function readArchive(path: string, receiver: ArchiveReceiver): Promise<Map<string, number>> {
  const tar = extract();
  const found = new Map<string, string>();
  let checksums: Record<string, Checksum> | undefined;
  const reading = pipeline(createReadStream(path), tar);
  reading.catch(() => {});
  try {
    for await (const entry of tar) {
      const { name } = entry.header;
      const digest = createHash('sha256');
      const content = hashed(entry as AsyncIterable<Buffer>, digest);
      if (name === CHECKSUMS) checksums = JSON.parse(await textOf(content)) as Record<string, Checksum>;
      else if (name === MANIFEST) await receiver.manifest(parseManifest(await textOf(content)));
      else if (!found.has(MANIFEST)) throw damaged(path, 'it does not start with a manifest');
      else await receiver.entry(safeName(name), content);
      found.set(name, digest.digest('hex'));
    }
    await reading;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw damaged(path, error instanceof Error ? error.message : String(error));
  }
  if (checksums === undefined) throw damaged(path, 'its end is missing');
  const expected = Object.entries(checksums);
  const wrong = expected.find(([name, { sha256 }]) => found.get(name) !== sha256);
  if (wrong !== undefined) throw damaged(path, `${wrong[0]} is not as it was saved`);
  return new Map(expected.flatMap(([name, { mtimeMs }]) => (mtimeMs === undefined ? [] : [[name, mtimeMs]])));
}

async function* hashed(
  content: AsyncIterable<Buffer>,
  digest: ReturnType<typeof createHash>,
): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    digest.update(chunk);
    yield chunk;
  }
}

async function textOf(content: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function parseManifest(text: string): Manifest {
  const manifest = JSON.parse(text) as Manifest;
  if (manifest.format <= ARCHIVE_FORMAT) return manifest;
  throw new UserError(
    'BACKUP_REFUSED',
    `The backup was made by passbridge ${manifest.version}, whose format this version does not know. Restore it with that version.`,
  );
}

/** An archive must not write outside of its folder. */
function safeName(name: string): string {
  const parts = name.split('/');
  if (name.startsWith('/') || parts.some((part) => part === '' || part === '..' || part === '.')) {
    throw new UserError('BACKUP_REFUSED', `The archive has an entry ${name}, which no backup has.`);
  }
  return name;
}

function damaged(path: string, why: string): UserError {
  return new UserError('BACKUP_REFUSED', `${path} is not a complete backup: ${why}. Use another copy of it.`);
}

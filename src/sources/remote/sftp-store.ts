/** Exports on an SFTP server. Every call logs in: there is no connection to keep alive for hours between calls. */

import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { Attributes, FileEntry, SFTPWrapper } from 'ssh2';
import type { SftpLocation } from '../../domain/campaigns/source-definition.ts';
import { withDeadline } from '../../kit/deadline.ts';
import { type FileStore, type RemoteFile, type StoreOptions, statVersion } from './file-store.ts';
import { openSftpSession, sftpError, type SftpSession } from './sftp-session.ts';
import { StoreError } from './store-error.ts';

/** The bits of a file's mode that contain its type, and their value for a regular file (POSIX, sys/stat.h). */
const TYPE_BITS = 0o170000;
const REGULAR_FILE = 0o100000;

export function openSftpStore(location: SftpLocation, { timeoutMs }: StoreOptions): FileStore {
  const label = `sftp://${location.username}@${location.host}:${location.port}/${location.path.replace(/^\//, '')}`;
  const sessions = new Set<SftpSession>();
  const pathOf = (name: string) => posix.join(location.path, name);
  const late = () => new StoreError('STORE_STALLED', label, `no response within ${timeoutMs / 1000} s`);

  async function login(): Promise<SftpSession> {
    const session = await openSftpSession(location, { label, timeoutMs });
    sessions.add(session);
    return session;
  }

  function logout(session: SftpSession): void {
    sessions.delete(session);
    session.end();
  }

  async function* bytesOf(wanted: RemoteFile): AsyncGenerator<Buffer> {
    const fileLabel = `${label}, ${wanted.name}`;
    const session = await login();
    const { sftp } = session;
    try {
      const handle = await promisify(sftp.open.bind(sftp))(pathOf(wanted.name), 'r');
      yield* readAhead(sftp, handle, wanted.size);
      const now = remoteFile(wanted.name, await statOf(sftp, pathOf(wanted.name)));
      if (now.version !== wanted.version) throw new StoreError('STORE_FILE_CHANGED', fileLabel);
    } catch (error) {
      const known = sftpError(fileLabel, error);
      if (known?.code === 'STORE_NOT_FOUND') throw new StoreError('STORE_FILE_GONE', fileLabel);
      throw known ?? error;
    } finally {
      logout(session);
    }
  }

  return {
    label,
    listsCompleteFilesOnly: false,

    async list() {
      const session = await login();
      try {
        const readFolder = promisify<string, FileEntry[]>(session.sftp.readdir.bind(session.sftp));
        const listing = () => Promise.race([readFolder(location.path), session.broken]);
        const entries = await withDeadline(timeoutMs, listing, late);
        return entries
          .filter(({ filename, attrs }) => isRegular(attrs) && !filename.includes('/'))
          .map(({ filename, attrs }) => remoteFile(filename, attrs));
      } catch (error) {
        throw sftpError(label, error) ?? error;
      } finally {
        logout(session);
      }
    },

    async read(file) {
      return Readable.from(bytesOf(file), { objectMode: false });
    },

    async close() {
      sessions.forEach(logout);
    },
  };
}

function statOf(sftp: SFTPWrapper, path: string): Promise<Attributes> {
  return promisify<string, Attributes>(sftp.stat.bind(sftp))(path);
}

/** Treats an entry of a server that reports no modes as a file. */
function isRegular({ mode }: Partial<Attributes>): boolean {
  return mode === undefined || (mode & TYPE_BITS) === REGULAR_FILE;
}

/** SFTP reports times in whole seconds. */
function remoteFile(name: string, { size, mtime }: Attributes): RemoteFile {
  const modifiedAt = mtime * 1000;
  return { name, size, version: statVersion(size, modifiedAt), modifiedAt };
}

/** Every server returns 32 KB in one response (draft-ietf-secsh-filexfer-02, 3). */
const CHUNK_BYTES = 32 * 1024;

/** 1 MB in flight: 20 MB/s at a round trip of 50 ms. */
const MAX_READS_IN_FLIGHT = 32;

/**
 * Reads `size` bytes of an open file in order, or to its end if that comes earlier. Several reads are in
 * flight: one at a time would transfer only one chunk per round trip.
 */
async function* readAhead(sftp: SFTPWrapper, handle: Buffer, size: number): AsyncGenerator<Buffer> {
  const inFlight: Promise<Buffer>[] = [];
  let requested = 0;
  for (;;) {
    while (inFlight.length < MAX_READS_IN_FLIGHT && requested < size) {
      const chunk = readChunk(sftp, handle, requested, Math.min(CHUNK_BYTES, size - requested));
      // After the first failed read, the others are not awaited.
      chunk.catch(() => {});
      inFlight.push(chunk);
      requested += CHUNK_BYTES;
    }
    const next = await inFlight.shift();
    if (next === undefined) return;
    yield next;
  }
}

async function readChunk(
  sftp: SFTPWrapper,
  handle: Buffer,
  position: number,
  length: number,
): Promise<Buffer> {
  const chunk = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const bytes = await readOnce(sftp, handle, chunk, filled, position + filled);
    if (bytes === 0) break;
    filled += bytes;
  }
  return chunk.subarray(0, filled);
}

/** Returns the number of bytes read, which may be less than requested; 0 at the end of the file. */
function readOnce(
  sftp: SFTPWrapper,
  handle: Buffer,
  chunk: Buffer,
  offset: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    sftp.read(handle, chunk, offset, chunk.length - offset, position, (error, bytes) => {
      if (error === undefined || error === null) resolve(bytes);
      else reject(error);
    });
  });
}

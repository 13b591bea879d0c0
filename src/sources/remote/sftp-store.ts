/**
 * Exports on an SFTP server. Every call logs in anew: there is no connection to keep alive in the
 * hours between two looks.
 */

import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { Attributes, FileEntry, SFTPWrapper } from 'ssh2';
import type { SftpPlace } from '../../domain/campaigns/source-definition.ts';
import { type FileStore, type RemoteFile, type StoreOptions, statVersion } from './file-store.ts';
import { readAhead } from './sftp-read.ts';
import { sftpRefusal } from './sftp-refusal.ts';
import { openSftpSession, type SftpSession } from './sftp-session.ts';
import { StoreError } from './store-error.ts';
import { within } from './within.ts';

/** The bits of a file's mode that tell its kind, and a plain file's (POSIX, sys/stat.h). */
const KIND_BITS = 0o170000;
const PLAIN_FILE = 0o100000;

export function openSftpStore(location: SftpPlace, { answerMs }: StoreOptions): FileStore {
  const place = `sftp://${location.username}@${location.host}:${location.port}/${location.path.replace(/^\//, '')}`;
  const sessions = new Set<SftpSession>();
  const pathOf = (name: string) => posix.join(location.path, name);
  const late = () => new StoreError('STORE_STALLED', place, `no answer within ${answerMs / 1000} s`);

  async function login(): Promise<SftpSession> {
    const session = await openSftpSession(location, { place, answerMs });
    sessions.add(session);
    return session;
  }

  function logout(session: SftpSession): void {
    sessions.delete(session);
    session.end();
  }

  async function* bytesOf(wanted: RemoteFile): AsyncGenerator<Buffer> {
    const filePlace = `${place}, ${wanted.name}`;
    const session = await login();
    const { sftp } = session;
    try {
      const handle = await promisify(sftp.open.bind(sftp))(pathOf(wanted.name), 'r');
      yield* readAhead(sftp, handle, wanted.size);
      const now = remoteFile(wanted.name, await statOf(sftp, pathOf(wanted.name)));
      if (now.version !== wanted.version) throw new StoreError('STORE_FILE_CHANGED', filePlace);
    } catch (error) {
      const refusal = sftpRefusal(filePlace, error);
      if (refusal?.code === 'STORE_NOT_FOUND') throw new StoreError('STORE_FILE_GONE', filePlace);
      throw refusal ?? error;
    } finally {
      logout(session);
    }
  }

  /** A session for one piece of work. */
  async function during<T>(work: (sftp: SFTPWrapper) => Promise<T>): Promise<T> {
    const session = await login();
    try {
      return await Promise.race([work(session.sftp), session.broken]);
    } catch (error) {
      throw sftpRefusal(place, error) ?? error;
    } finally {
      logout(session);
    }
  }

  return {
    place,
    wholeOnArrival: false,

    list: () =>
      during(async (sftp) => {
        const readFolder = promisify<string, FileEntry[]>(sftp.readdir.bind(sftp));
        const entries = await within(answerMs, readFolder(location.path), late);
        return entries
          .filter(({ filename, attrs }) => isPlain(attrs) && !filename.includes('/'))
          .map(({ filename, attrs }) => remoteFile(filename, attrs));
      }),

    async read(file) {
      return Readable.from(bytesOf(file), { objectMode: false });
    },

    write: (name, source) =>
      during(async (sftp) => {
        const part = pathOf(`.${name}.part`);
        await promisify<string, string>(sftp.fastPut.bind(sftp))(source, part);
        await replace(sftp, part, pathOf(name));
      }),

    async close() {
      sessions.forEach(logout);
    },
  };
}

function statOf(sftp: SFTPWrapper, path: string): Promise<Attributes> {
  return promisify<string, Attributes>(sftp.stat.bind(sftp))(path);
}

/** A server that tells no modes lists files for all we know. */
function isPlain({ mode }: Partial<Attributes>): boolean {
  return mode === undefined || (mode & KIND_BITS) === PLAIN_FILE;
}

/** SFTP tells times in whole seconds. */
function remoteFile(name: string, { size, mtime }: Attributes): RemoteFile {
  const modifiedAt = mtime * 1000;
  return { name, size, version: statVersion(size, modifiedAt), modifiedAt };
}

/** Plain SFTP refuses to rename onto a file that is there; OpenSSH's own rename replaces it in one go. */
async function replace(sftp: SFTPWrapper, from: string, to: string): Promise<void> {
  try {
    await promisify<string, string>(sftp.ext_openssh_rename.bind(sftp))(from, to);
  } catch {
    await promisify<string>(sftp.unlink.bind(sftp))(to).catch(() => {});
    await promisify<string, string>(sftp.rename.bind(sftp))(from, to);
  }
}

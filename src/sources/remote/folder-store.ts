/** Exports in a folder of this machine, or on a mounted drive. */

import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FolderLocation } from '../../domain/campaigns/source-definition.ts';
import { type FileStore, type RemoteFile, statVersion } from './file-store.ts';
import { codeOf, type StoreCode, StoreError } from './store-error.ts';

/** Node's error codes for a folder. */
const folderCodes: Readonly<Record<string, StoreCode>> = {
  ENOENT: 'STORE_NOT_FOUND',
  ENOTDIR: 'STORE_NOT_FOUND',
  EACCES: 'STORE_FORBIDDEN',
  EPERM: 'STORE_FORBIDDEN',
  EIO: 'STORE_UNREACHABLE',
  ESTALE: 'STORE_UNREACHABLE',
  EHOSTDOWN: 'STORE_UNREACHABLE',
  ETIMEDOUT: 'STORE_UNREACHABLE',
};

export function openFolderStore({ path }: FolderLocation): FileStore {
  const toStoreError = (error: unknown, label = path, codes = folderCodes) => {
    const system = codeOf(error);
    const code = system === undefined ? undefined : codes[system];
    return code === undefined ? error : new StoreError(code, label, system, { cause: error });
  };

  async function fileAt(name: string): Promise<RemoteFile | undefined> {
    const stats = await stat(join(path, name)).catch((error: unknown) => {
      // Deleted since the listing, or a broken link.
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (stats?.isFile() !== true) return undefined;
    const { size, mtimeMs } = stats;
    return { name, size, version: statVersion(size, mtimeMs), modifiedAt: mtimeMs };
  }

  async function* bytesOf(wanted: RemoteFile): AsyncGenerator<Buffer> {
    const label = join(path, wanted.name);
    try {
      const file = await open(label);
      try {
        yield* file.createReadStream({ autoClose: false });
      } finally {
        await file.close();
      }
      const now = await fileAt(wanted.name);
      if (now === undefined) throw new StoreError('STORE_FILE_GONE', label);
      if (now.version !== wanted.version) throw new StoreError('STORE_FILE_CHANGED', label);
    } catch (error) {
      throw toStoreError(error, label, { ...folderCodes, ENOENT: 'STORE_FILE_GONE' });
    }
  }

  return {
    label: path,
    listsCompleteFilesOnly: false,

    async list() {
      try {
        const names = await readdir(path);
        const files = await Promise.all(names.map(fileAt));
        return files.filter((file) => file !== undefined);
      } catch (error) {
        throw toStoreError(error);
      }
    },

    async read(file) {
      return Readable.from(bytesOf(file), { objectMode: false });
    },

    async close() {},
  };
}

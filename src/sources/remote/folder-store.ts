/** Exports in a folder of this machine, or of a drive mounted into it. */

import { copyFile, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FolderPlace } from '../../domain/campaigns/source-definition.ts';
import { type FileStore, type RemoteFile, statVersion } from './file-store.ts';
import { codeOf, type StoreCode, StoreError } from './store-error.ts';

/** What Node's codes mean for a folder. */
const folderCodes: Readonly<Record<string, StoreCode>> = {
  ENOENT: 'STORE_NOT_FOUND',
  ENOTDIR: 'STORE_NOT_FOUND',
  EACCES: 'STORE_FORBIDDEN',
  EPERM: 'STORE_FORBIDDEN',
  EROFS: 'STORE_FORBIDDEN',
  EIO: 'STORE_UNREACHABLE',
  ESTALE: 'STORE_UNREACHABLE',
  EHOSTDOWN: 'STORE_UNREACHABLE',
  ETIMEDOUT: 'STORE_UNREACHABLE',
  ENOSPC: 'STORE_REFUSED',
};

export function openFolderStore({ path }: FolderPlace): FileStore {
  const explained = (error: unknown, place = path, codes = folderCodes) => {
    const system = codeOf(error);
    const code = system === undefined ? undefined : codes[system];
    return code === undefined ? error : new StoreError(code, place, system, { cause: error });
  };

  async function fileAt(name: string): Promise<RemoteFile | undefined> {
    const stats = await stat(join(path, name)).catch((error: unknown) => {
      // Gone since the listing, or a link that leads nowhere.
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (stats?.isFile() !== true) return undefined;
    const { size, mtimeMs } = stats;
    return { name, size, version: statVersion(size, mtimeMs), modifiedAt: mtimeMs };
  }

  async function* bytesOf(wanted: RemoteFile): AsyncGenerator<Buffer> {
    const place = join(path, wanted.name);
    try {
      const file = await open(place);
      try {
        yield* file.createReadStream({ autoClose: false });
      } finally {
        await file.close();
      }
      const now = await fileAt(wanted.name);
      if (now === undefined) throw new StoreError('STORE_FILE_GONE', place);
      if (now.version !== wanted.version) throw new StoreError('STORE_FILE_CHANGED', place);
    } catch (error) {
      throw explained(error, place, { ...folderCodes, ENOENT: 'STORE_FILE_GONE' });
    }
  }

  return {
    place: path,
    wholeOnArrival: false,

    async list() {
      try {
        const names = await readdir(path);
        const files = await Promise.all(names.map(fileAt));
        return files.filter((file) => file !== undefined);
      } catch (error) {
        throw explained(error);
      }
    },

    async read(file) {
      return Readable.from(bytesOf(file), { objectMode: false });
    },

    async write(name, source) {
      const part = join(path, `.${name}.part`);
      try {
        await copyFile(source, part);
        await rename(part, join(path, name));
      } catch (error) {
        await rm(part, { force: true }).catch(() => {});
        throw explained(error);
      }
    },

    async close() {},
  };
}

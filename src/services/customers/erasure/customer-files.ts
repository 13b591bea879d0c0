/** Finds the files on this machine that contain a customer's row, and deletes those that are no longer needed. */

import { stat } from 'node:fs/promises';
import type { Config } from '../../../config/config.ts';
import type { CustomerQuery } from '../../../domain/customers/customer-query.ts';
import { type FileUser, neededUntil, usersOfFiles } from '../../campaigns/files/file-needs.ts';
import { filesIn, type OwnFile, ownFolders } from '../../campaigns/files/file-sweep.ts';
import type { Stores } from '../../stores.ts';
import { containsCustomer } from './file-search.ts';

type FilesConfig = Pick<Config, 'files' | 'customers'>;

/** Files are deleted as a whole: a campaign that reads an edited file would take it for a different one. */
export interface FileOfCustomer {
  path: string;
  /** Modification time, ms. */
  writtenAt: number;
  /** Path of the metadata of an upload. */
  metadata?: string;
  /** Why the file could not be searched, for output; an operator should check it, since it may contain the customer. */
  unread?: string;
  /** When (ms) passbridge deletes it; absent if the file is not passbridge's own. */
  sweptAt?: number;
  /** Ids of the unfinished campaigns that use it. */
  neededBy: string[];
  /** Whether an operator may be preparing a campaign with it. */
  isNew: boolean;
}

/** Lifetime of a draft. */
const NEW_MS = 24 * 60 * 60_000;

/** Searches downloaded and uploaded files, and the files of campaigns. `now`: ms. */
export async function findFiles(
  { campaigns }: Pick<Stores, 'campaigns'>,
  config: FilesConfig,
  { query, now }: { query: CustomerQuery; now: number },
): Promise<FileOfCustomer[]> {
  const users = await usersOfFiles({ campaigns }, now);
  const own = new Map(
    (await Promise.all(ownFolders(config).map(filesIn))).flat().map((file) => [file.path, file]),
  );
  const found: FileOfCustomer[] = [];
  for (const path of new Set([...own.keys(), ...users.keys()])) {
    const stats = await stat(path).catch(() => undefined);
    if (stats?.isFile() !== true) continue;
    const used = users.get(path) ?? [];
    const contains = await containsCustomer({
      path,
      query,
      idTypes: config.customers.idTypes,
      encoding: used.find(({ encoding }) => encoding !== undefined)?.encoding,
    });
    if (contains === false) continue;
    const writtenAt = stats.mtimeMs;
    const file = own.get(path);
    found.push({
      path,
      writtenAt,
      ...(contains !== true && { unread: contains }),
      ...(file !== undefined && { sweptAt: sweepTime(file, used) }),
      ...(file?.metadata !== undefined && { metadata: file.metadata }),
      neededBy: used.filter(({ status }) => status !== 'finished').map(({ id }) => id),
      isNew: used.length === 0 && writtenAt > now - NEW_MS,
    });
  }
  return found;
}

/** Returns when a file is deleted (ms); while a campaign has not ended, the earliest possible time. */
function sweepTime(file: OwnFile, users: readonly FileUser[]): number {
  return Math.max(file.sweptAt, neededUntil(users.filter(({ until }) => until !== Infinity)));
}

/** Whether a file may be deleted: it is passbridge's own, and no campaign needs it. */
export function isDeletable({ sweptAt, unread, neededBy, isNew }: FileOfCustomer): boolean {
  return sweptAt !== undefined && unread === undefined && neededBy.length === 0 && !isNew;
}

/** Finds the files on this machine that contain a customer's row, and deletes those that are no longer needed. */

import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../../config/config.ts';
import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import type { CustomerQuery } from '../../../domain/customers/customer-query.ts';
import { spoolFolder, uploadFolder } from '../../campaigns/files/fetch.ts';
import { SPOOL_KEPT_MS } from '../../campaigns/files/spool-sweep.ts';
import type { Stores } from '../../stores.ts';
import { containsCustomer } from './file-search.ts';

type FilesConfig = Pick<Config, 'files' | 'customers'>;

/** Files are deleted as a whole: a campaign that reads an edited file would take it for a different one. */
export interface FileOfCustomer {
  path: string;
  /** Modification time, ms. */
  writtenAt: number;
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
  const folders = [spoolFolder(config), uploadFolder(config)];
  const users = await usersOfFiles(campaigns);
  const own = (await Promise.all(folders.map(filesIn))).flat();
  const found: FileOfCustomer[] = [];
  for (const path of new Set([...own, ...users.keys()])) {
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
    found.push({
      path,
      writtenAt,
      ...(contains !== true && { unread: contains }),
      ...(folders.includes(dirname(path)) && { sweptAt: writtenAt + SPOOL_KEPT_MS }),
      neededBy: used.filter(({ status }) => status !== 'finished').map(({ id }) => id),
      isNew: used.length === 0 && writtenAt > now - NEW_MS,
    });
  }
  return found;
}

/** Whether a file may be deleted: it is passbridge's own, and no campaign needs it. */
export function isDeletable({ sweptAt, unread, neededBy, isNew }: FileOfCustomer): boolean {
  return sweptAt !== undefined && unread === undefined && neededBy.length === 0 && !isNew;
}

/** Deletes a file and the metadata of its upload. */
export async function deleteFile({ path }: FileOfCustomer): Promise<void> {
  await rm(path, { force: true });
  await rm(`${path}.json`, { force: true });
}

async function usersOfFiles(campaigns: Stores['campaigns']) {
  const users = new Map<string, Pick<Campaign, 'id' | 'status' | 'encoding'>[]>();
  for (const id of await campaigns.allIds()) {
    const campaign = await campaigns.find(id);
    if (campaign?.source.kind !== 'file') continue;
    const { path } = campaign.source;
    users.set(path, [...(users.get(path) ?? []), campaign]);
  }
  return users;
}

/** Lists files without the metadata of uploads, `{name}.json`, which contains a file name but no customers. */
async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = await readdir(folder).catch(() => []);
  return names
    .filter((name) => !(name.endsWith('.json') && names.includes(name.slice(0, -'.json'.length))))
    .map((name) => join(folder, name));
}

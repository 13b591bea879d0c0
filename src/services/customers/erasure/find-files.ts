/** Finds the files on this machine that hold a customer's row, and deletes those that nobody needs. */

import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../../config/config.ts';
import { isMeant, type CustomerQuery } from '../../../domain/customers/customer-query.ts';
import { openFile } from '../../../sources/open-file.ts';
import { uploadFolder } from '../../dashboard/drafts.ts';
import { faultOfSource } from '../../campaigns/files/campaign-file.ts';
import { spoolFolder } from '../../campaigns/files/fetch.ts';
import { SPOOL_KEPT_MS } from '../../campaigns/files/spool-sweep.ts';
import type { Stores } from '../../stores.ts';

type FilesConfig = Pick<Config, 'files' | 'customers'>;

/** No line is cut out of a file: a campaign that reads it would take it for another one. */
export interface FileOfCustomer {
  path: string;
  /** When it was written, ms. */
  writtenAt: number;
  /** Why it could not be looked through, for a person; it may hold the customer. */
  unread?: string;
  /** From when on (ms) it is swept; absent where it is not passbridge's: nobody sweeps it. */
  sweptAt?: number;
  /** Campaigns that still need it: ids of those that have not finished. */
  neededBy: string[];
  /** Whether somebody may be preparing a campaign with it. */
  isNew: boolean;
}

/** As long as a draft is kept. */
const NEW_MS = 24 * 60 * 60_000;

/** Reads every fetched and uploaded file, and those of campaigns, up to the first row of the customer. `now`: ms. */
export async function findFiles(
  { campaigns }: Pick<Stores, 'campaigns'>,
  config: FilesConfig,
  { who, now }: { who: CustomerQuery; now: number },
): Promise<FileOfCustomer[]> {
  const folders = [spoolFolder(config), uploadFolder(config)];
  const users = await usersOfFiles(campaigns);
  const own = (await Promise.all(folders.map(filesIn))).flat();
  const found: FileOfCustomer[] = [];
  for (const path of new Set([...own, ...users.keys()])) {
    const written = await stat(path).catch(() => undefined);
    if (written?.isFile() !== true) continue;
    const holds = await holdsRowOf(path, who, config.customers.idTypes);
    if (holds === false) continue;
    const writtenAt = written.mtimeMs;
    const used = users.get(path) ?? [];
    found.push({
      path,
      writtenAt,
      ...(holds !== true && { unread: holds }),
      ...(folders.includes(dirname(path)) && { sweptAt: writtenAt + SPOOL_KEPT_MS }),
      neededBy: used.filter(({ status }) => status !== 'finished').map(({ id }) => id),
      isNew: used.length === 0 && writtenAt > now - NEW_MS,
    });
  }
  return found;
}

/** Whether it may be deleted for good: it is passbridge's own, and no campaign needs it. */
export function isDeletable({ sweptAt, unread, neededBy, isNew }: FileOfCustomer): boolean {
  return sweptAt !== undefined && unread === undefined && neededBy.length === 0 && !isNew;
}

/** Deletes a file with what its upload left beside it. */
export async function deleteFile({ path }: FileOfCustomer): Promise<void> {
  await rm(path, { force: true });
  await rm(`${path}.json`, { force: true });
}

async function usersOfFiles(campaigns: Stores['campaigns']) {
  const users = new Map<string, { id: string; status: string }[]>();
  for (const id of await campaigns.allIds()) {
    const campaign = await campaigns.find(id);
    if (campaign?.source.kind !== 'file') continue;
    const { path } = campaign.source;
    users.set(path, [...(users.get(path) ?? []), { id, status: campaign.status }]);
  }
  return users;
}

/** What an upload says of itself stands beside it: a name, and no customers. */
async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = await readdir(folder).catch(() => []);
  return names
    .filter((name) => !(name.endsWith('.json') && names.includes(name.slice(0, -'.json'.length))))
    .map((name) => join(folder, name));
}

/** A text says why it cannot be told. */
async function holdsRowOf(
  path: string,
  who: CustomerQuery,
  idTypes: readonly string[],
): Promise<boolean | string> {
  try {
    const source = await openFile(path, { idTypes });
    for await (const chunk of source.rows()) {
      if (chunk.some((row) => row.ok && isMeant(who, row.customer))) return true;
    }
    return false;
  } catch (error) {
    const fault = faultOfSource(error);
    if (fault === undefined) throw error;
    return fault;
  }
}

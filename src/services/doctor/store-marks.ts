/** Checks whether the store was restored, and whether a restored one would be noticed. */

import { access, constants } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';
import { makeLedgerKeys } from '../../ledger/keys.ts';
import { makeStoreNotice } from '../../ledger/store/store-notice.ts';
import { type Finding, findingsOf } from './check.ts';
import { nearestFolder } from './installation.ts';

/** Returns an error while the store counts as restored; empty otherwise. */
export async function storeFindings(redis: RedisConnection, prefix: string): Promise<Finding[]> {
  const { error } = findingsOf('store');
  const open = await makeStoreNotice(redis, makeLedgerKeys(prefix)).find();
  if (open === undefined) return [];
  return [error(open.notice.reason, 'Campaigns that could repeat something are held until then.')];
}

/** Warns if a restored DATA_DIR would not be noticed, because its mark is missing or restored with it. */
export async function checkMarkFolder({ files, redis }: Pick<Config, 'files' | 'redis'>): Promise<Finding> {
  const { ok, warning } = findingsOf('store-marks');
  const { dataDir, storeMarkDir } = files;
  const fix = 'Set STORE_MARK_DIR to a folder outside of DATA_DIR that lasts, best on another disk.';
  try {
    await access(await nearestFolder(storeMarkDir), constants.W_OK);
  } catch {
    return warning(`${storeMarkDir} is not writable, so a restored backup is not always noticed`, fix);
  }
  const isPrivate = redis.address === undefined;
  if (isPrivate && !relative(dataDir, storeMarkDir).startsWith('..')) {
    return warning(`${storeMarkDir} is in DATA_DIR and restored with it`, fix);
  }
  return ok(`a restored backup is noticed by the marks in ${storeMarkDir}`);
}

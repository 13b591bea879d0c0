/** Whether DATA_DIR can be written to, and has room for what will be. */

import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { about, type Finding } from './finding.ts';

const MB = 1_000_000;
const WARN_BELOW_MB = 1000;
/** The private Redis needs this much to write its append-only file anew. */
const ERROR_BELOW_MB = 100;

/** Free bytes for this user at an existing folder. */
export type MeasureSpace = (folder: string) => Promise<number>;

export const freeBytes: MeasureSpace = async (folder) => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** DATA_DIR itself may have to be made yet: then its nearest folder counts. */
export async function diskFinding(dataDir: string, measure: MeasureSpace = freeBytes): Promise<Finding> {
  const { ok, warning, error } = about('disk');
  const folder = await nearestFolder(dataDir);
  try {
    await access(folder, constants.W_OK);
  } catch {
    return error(`${folder} cannot be written to`, 'Give this user the right to, or set DATA_DIR.');
  }
  const freeMb = Math.floor((await measure(folder)) / MB);
  const message = `${freeMb} MB are free for ${dataDir}`;
  const fix = 'Make room, or set DATA_DIR to a larger disk.';
  if (freeMb < ERROR_BELOW_MB) return error(message, fix);
  return freeMb < WARN_BELOW_MB ? warning(message, fix) : ok(message);
}

async function nearestFolder(path: string): Promise<string> {
  try {
    await access(path);
    return path;
  } catch {
    return dirname(path) === path ? path : nearestFolder(dirname(path));
  }
}

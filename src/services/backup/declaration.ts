/**
 * A file in DATA_DIR by which `passbridge restore` tells the first process that its data was restored. It stays until
 * that process has held the campaigns.
 */

import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { PRIVATE_FILE, PRIVATE_FOLDER, writeFileAtomically } from '../../kit/files.ts';

export interface Declaration {
  /** The time of the data: when the backup was made, or until when a repaired file is intact, ms since 1970; absent if unknown. */
  createdAt?: number;
  /** Default: `declared`. */
  cause?: 'declared' | 'repaired';
}

type Files = Pick<Config, 'files'>;

const pathIn = ({ files }: Files) => join(files.dataDir, 'restored.json');

export async function declareRestored(config: Files, declaration: Declaration): Promise<void> {
  const path = pathIn(config);
  await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  await writeFileAtomically(path, JSON.stringify(declaration), { mode: PRIVATE_FILE });
}

/** A file that cannot be parsed still says that the data was restored. */
export async function findDeclaration(config: Files): Promise<Declaration | undefined> {
  const text = await readFile(pathIn(config), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Declaration;
  } catch {
    return {};
  }
}

/** Needs no writable folder if there is none to remove. */
export async function removeDeclaration(config: Files): Promise<void> {
  if ((await findDeclaration(config)) !== undefined) await rm(pathIn(config), { force: true });
}

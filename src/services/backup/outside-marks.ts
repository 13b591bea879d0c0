/**
 * Copies of the store's mark outside Redis, in two places: in DATA_DIR, for a Redis that was restored alone, and in
 * STORE_MARK_DIR, for a DATA_DIR that was restored as a whole.
 */

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { createFileAtomically, PRIVATE_FILE, PRIVATE_FOLDER, writeFileAtomically } from '../../kit/files.ts';
import type { StoreMark } from '../../ledger/store/store-marks.ts';

/** Identifies a folder: a copy of it has another inode and another time of creation. */
interface FolderIdentity {
  ino: number;
  bornMs: number;
}

interface SavedMark extends StoreMark {
  home: string;
  /** Of the private Redis' folder; absent with a REDIS_URL. */
  folder?: FolderIdentity;
}

export interface OutsideMarks {
  /** Name of this DATA_DIR's home; a new name if it has none. */
  readonly home: string;
  /** Whether the private Redis is in another folder than the one where its mark was made. */
  isCopied(): Promise<boolean>;
  /** The newest mark of a home outside Redis, and whether it was found outside DATA_DIR. */
  seen(home: string): Promise<{ mark: StoreMark; isBeyondDataDir: boolean } | undefined>;
  /** Saves the home's mark in both places. Returns the places that cannot be written. */
  save(mark: StoreMark): Promise<string[]>;
  /** Removes the home's marks, because its data was deleted on purpose. */
  forget(): Promise<void>;
}

/** An older mark is ignored: the store forgets homes that have not worked for 90 days. */
const MAX_AGE_MS = 60 * 86_400_000;

/** What is saved before the first mark: the name of the home. */
const NO_MARK = { epoch: 0, count: 0, at: 0 };

/** Reads the mark in DATA_DIR, or names its home. `now`: ms since 1970. */
export async function openOutsideMarks(
  { files, redis }: Pick<Config, 'files' | 'redis'>,
  now: number,
): Promise<OutsideMarks> {
  const { dataDir, storeMarkDir } = files;
  const inDataDir = join(dataDir, 'store-marks', `${redis.prefix.replaceAll(/[^\w-]/g, '')}.json`);
  const beyond = (home: string) => join(storeMarkDir, `${home}.json`);
  const redisFolder = redis.address === undefined ? join(dataDir, 'redis') : undefined;
  const textOf = async (home: string, mark: StoreMark) => {
    const folder = redisFolder === undefined ? {} : { folder: await identify(redisFolder) };
    return JSON.stringify({ ...mark, home, ...folder } satisfies SavedMark);
  };
  /**
   * Of processes that start at once in a new DATA_DIR, the first names the home of all: a private Redis that does not know
   * the home of a process counts as copied.
   */
  const nameHome = async () => {
    const home = randomUUID();
    if (redisFolder === undefined) return { ...NO_MARK, home };
    try {
      await mkdir(dirname(inDataDir), { recursive: true, mode: PRIVATE_FOLDER });
      await createFileAtomically(inDataDir, await textOf(home, NO_MARK), { mode: PRIVATE_FILE });
    } catch {
      // Another process was faster, or `save` will report that nothing can be written here.
    }
    return (await readMark(inDataDir)) ?? { ...NO_MARK, home };
  };
  const current = (mark: SavedMark | undefined) =>
    mark === undefined || mark.at < now - MAX_AGE_MS ? undefined : mark;
  const found = await readMark(inDataDir);
  // A private Redis forgets no home but by its own processes, so it is known however long it has not worked.
  const saved = (redisFolder === undefined ? current(found) : found) ?? (await nameHome());
  const { home } = saved;

  return {
    home,
    async isCopied() {
      if (saved.folder === undefined || redisFolder === undefined) return false;
      const { ino, bornMs } = await identify(redisFolder);
      // Both must differ: some network file systems number their files differently after every mount.
      return saved.folder.ino !== ino && saved.folder.bornMs !== bornMs;
    },
    async seen(name) {
      const mark = current(await readMark(beyond(name)));
      const ours = name === home ? current(saved) : undefined;
      if (mark === undefined) return ours && { mark: ours, isBeyondDataDir: false };
      const isNewer = ours === undefined || !isBefore(mark, ours);
      return { mark: isNewer ? mark : ours, isBeyondDataDir: isNewer };
    },
    async save(mark) {
      const text = await textOf(home, mark);
      const write = async (path: string) => {
        await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
        await writeFileAtomically(path, text, { mode: PRIVATE_FILE });
      };
      const paths = [inDataDir, beyond(home)];
      const results = await Promise.allSettled(paths.map(write));
      return paths.filter((_path, index) => results[index]?.status === 'rejected');
    },
    async forget() {
      await Promise.all([inDataDir, beyond(home)].map((path) => rm(path, { force: true })));
    },
  };
}

function isBefore(a: StoreMark, b: StoreMark): boolean {
  return a.epoch === b.epoch ? a.count < b.count : a.epoch < b.epoch;
}

/** A file that was cut short by a power cut counts as missing. */
async function readMark(path: string): Promise<SavedMark | undefined> {
  try {
    const { home, epoch, count, at, ...mark } = JSON.parse(await readFile(path, 'utf8')) as SavedMark;
    const isValid = typeof home === 'string' && [epoch, count, at].every((n) => Number.isFinite(n));
    return isValid ? { ...mark, home, epoch, count, at } : undefined;
  } catch {
    return undefined;
  }
}

async function identify(folder: string): Promise<FolderIdentity> {
  const { ino, birthtimeMs } = await stat(folder);
  return { ino, bornMs: birthtimeMs };
}

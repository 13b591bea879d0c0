/** Brings what a configured source has now onto this machine's disk, from where it is fed as any file. */

import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Sources } from '../config/sources.ts';
import { retryDelay } from '../job/retry.ts';
import type { FileSource, SourceDefinition } from '../job/source-definition.ts';
import { sleep } from '../kit/clock.ts';
import type { TakenFile, TakenFiles } from '../ledger/taken-files.ts';
import { fileKey } from '../source/remote/choose-file.ts';
import type { FileStore, RemoteFile } from '../source/remote/file-store.ts';
import { findFile } from '../source/remote/find-file.ts';
import { openFileStore } from '../source/remote/open-file-store.ts';
import { download } from '../source/remote/spool.ts';
import { StoreError } from '../source/remote/store-error.ts';

/** A source from which no campaign can be started now; the message says why and what to do. */
export class FetchRefused extends Error {
  /** Nothing is wrong: there is just nothing new. */
  readonly isEmpty: boolean;

  constructor(message: string, { isEmpty }: { isEmpty: boolean }) {
    super(message);
    this.isEmpty = isEmpty;
  }
}

export interface Fetched {
  /** On this machine. */
  path: string;
  /** Of the source. */
  from: string;
  /** The file that counts as taken once a campaign was started with it. */
  taken?: TakenFile;
}

interface FetchOptions {
  config: Pick<Config, 'files'>;
  takenFiles: TakenFiles;
  /** Takes the newest file although a campaign has taken it before. */
  again?: boolean;
  signal?: AbortSignal;
}

/** How long one answer of a storage may take, and the next byte of a file. */
const ANSWER_MS = 30_000;
const STALL_MS = 60_000;
const RETRY_DELAYS_MS = [5000, 30_000, 120_000];

/** Where fetched files lie. */
export function spoolFolder({ files }: Pick<Config, 'files'>): string {
  return join(files.dataDir, 'spool');
}

/** The source that an argument such as `@nightly` names; undefined where it is the name of a file. */
export function namedSource(sources: () => Sources, argument: string): SourceDefinition | undefined {
  if (!argument.startsWith('@')) return undefined;
  const all = sources();
  const source = all.get(argument.slice(1));
  if (source !== undefined) return source;
  const names = [...all.keys()].map((name) => `@${name}`).join(', ') || 'none';
  throw new FetchRefused(`There is no source ${argument}. The programs file has: ${names}.`, {
    isEmpty: false,
  });
}

/** Throws a {@link FetchRefused}. */
export async function fetchSource(source: SourceDefinition, options: FetchOptions): Promise<Fetched> {
  switch (source.kind) {
    case 'files':
      return fetchFile(source, options);
    case 'segment':
      throw new FetchRefused('Segments cannot be fetched yet.', { isEmpty: false });
  }
}

async function fetchFile(source: FileSource, options: FetchOptions): Promise<Fetched> {
  const store = await openFileStore(source.place, { answerMs: ANSWER_MS });
  try {
    return await persistently(options.signal, async () => {
      const file = await newFileOf(source, store, options);
      const { path } = await download(store, file, spoolFolder(options.config), { stallMs: STALL_MS });
      const taken = { key: fileKey(file), modifiedAt: file.modifiedAt };
      return { path, from: source.name, taken };
    });
  } catch (error) {
    throw error instanceof StoreError
      ? new FetchRefused(`@${source.name}: ${error.code}: ${error.message}`, { isEmpty: false })
      : error;
  } finally {
    await store.close();
  }
}

async function newFileOf(
  { name, pattern, marker, settleMs }: FileSource,
  store: FileStore,
  { takenFiles, again = false, signal }: FetchOptions,
): Promise<RemoteFile> {
  const { keys, newest } = await takenFiles.of(name);
  const choice = await findFile(store, {
    pattern,
    settleMs,
    ...(marker !== undefined && { marker }),
    ...(signal !== undefined && { signal }),
    ...(!again && newest !== undefined && { notBefore: newest }),
    isProcessed: (file) => !again && keys.has(fileKey(file)),
  });
  const nothing = (why: string) => new FetchRefused(`@${name}: ${why}`, { isEmpty: true });
  switch (choice.kind) {
    case 'chosen':
      return choice.file;
    case 'none-match':
      throw nothing(`none of the ${choice.listed} files in ${store.place} fits ${pattern}.`);
    case 'all-processed': {
      const by = keys.get(fileKey(choice.newest));
      const took = by === undefined ? 'is older than the one that was taken last' : `was taken by ${by}`;
      throw nothing(
        `${choice.newest.name}, the newest file that fits ${pattern}, ${took}. --again takes it once more.`,
      );
    }
    case 'still-written':
      throw nothing(`${choice.file.name} is still being written. Try again in a while.`);
  }
}

/** Tries again where the storage's trouble may pass. */
async function persistently<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const delay =
        error instanceof StoreError && error.repeat && signal?.aborted !== true
          ? retryDelay(tries, RETRY_DELAYS_MS, Math.random())
          : undefined;
      if (delay === undefined) throw error;
      await sleep(delay, signal);
    }
  }
}

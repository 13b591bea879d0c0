/** The newest file of a place that no campaign has taken yet, on this machine's disk. */

import { UserError } from '../../../kit/user-error.ts';
import { retryDelay } from '../../../domain/jobs/retry.ts';
import type { FileSource } from '../../../domain/campaigns/source-definition.ts';
import { sleep } from '../../../kit/clock.ts';
import type { TakenFile, TakenFiles } from '../../../ledger/campaigns/taken-files.ts';
import { fileKey } from '../../../sources/remote/choose-file.ts';
import type { FileStore, RemoteFile } from '../../../sources/remote/file-store.ts';
import { findFile } from '../../../sources/remote/find-file.ts';
import { openFileStore } from '../../../sources/remote/open-file-store.ts';
import { download } from '../../../sources/remote/spool.ts';
import { StoreError } from '../../../sources/remote/store-error.ts';

interface FetchFileOptions {
  takenFiles: TakenFiles;
  again?: boolean;
  campaign?: string;
  signal?: AbortSignal;
}

/** How long one answer of a storage may take, and the next byte of a file. */
const ANSWER_MS = 30_000;
const STALL_MS = 60_000;
const RETRY_DELAYS_MS = [5000, 30_000, 120_000];

/** Throws a {@link UserError}. */
export async function fetchFile(
  source: FileSource,
  spool: string,
  options: FetchFileOptions,
): Promise<{ path: string; taken: TakenFile }> {
  const store = await openFileStore(source.place, { answerMs: ANSWER_MS });
  options.signal?.addEventListener('abort', () => void store.close(), { once: true });
  try {
    return await persistently(options.signal, async () => {
      const file = await newFileOf(source, store, options);
      const { path } = await download(store, file, spool, { stallMs: STALL_MS });
      const taken = { key: fileKey(file), modifiedAt: file.modifiedAt };
      return { path, taken };
    });
  } catch (error) {
    throw error instanceof StoreError
      ? new UserError('FETCH_FAILED', `@${source.name}: ${error.code}: ${error.message}`)
      : error;
  } finally {
    await store.close();
  }
}

async function newFileOf(
  { name, pattern, marker, settleMs }: FileSource,
  store: FileStore,
  { takenFiles, again = false, campaign, signal }: FetchFileOptions,
): Promise<RemoteFile> {
  const { keys, newest } = await takenFiles.of(name);
  const choice = await findFile(store, {
    pattern,
    settleMs,
    ...(marker !== undefined && { marker }),
    ...(signal !== undefined && { signal }),
    ...(!again && newest !== undefined && { notBefore: newest }),
    isProcessed: (file) => {
      const by = keys.get(fileKey(file));
      return !again && by !== undefined && by !== campaign;
    },
  });
  const nothing = (why: string) => new UserError('SOURCE_EMPTY', `@${name}: ${why}`);
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

/** Downloads the newest file of a location that no campaign has taken yet. */

import type { FileSource } from '../../../domain/campaigns/source-definition.ts';
import { formatDuration } from '../../../domain/presentation/format.ts';
import { retryDelay } from '../../../domain/jobs/retry.ts';
import { sleep } from '../../../kit/clock.ts';
import { UserError } from '../../../kit/user-error.ts';
import type { TakenFile, TakenFiles } from '../../../ledger/campaigns/taken-files.ts';
import type { FileStore, RemoteFile } from '../../../sources/remote/file-store.ts';
import { fileKey, findFile } from '../../../sources/remote/find-file.ts';
import { openFileStore } from '../../../sources/remote/open-file-store.ts';
import { download } from '../../../sources/remote/spool.ts';
import { StoreError } from '../../../sources/remote/store-error.ts';

interface FetchFileOptions {
  takenFiles: TakenFiles;
  again?: boolean;
  signal?: AbortSignal;
  /** Receives why the fetch takes long: a clause without a full stop. */
  onWait?: (why: string) => void;
}

/** Timeout of one response of the file store. */
const ANSWER_MS = 30_000;
/** Timeout of the next byte of a download. */
const STALL_MS = 60_000;
const RETRY_DELAYS_MS = [5000, 30_000, 120_000];

/** Throws a {@link UserError}: `SOURCE_EMPTY` if there is no new file, `FETCH_FAILED` for an error. */
export async function fetchFile(
  source: FileSource,
  spool: string,
  options: FetchFileOptions,
): Promise<{ path: string; taken: TakenFile }> {
  const store = await openFileStore(source.location, { timeoutMs: ANSWER_MS });
  options.signal?.addEventListener('abort', () => void store.close(), { once: true });
  try {
    return await withRetries(source.name, options, async () => {
      const file = await newFileOf(source, store, options);
      const { path } = await download(store, file, spool, { stallMs: STALL_MS });
      return { path, taken: { key: fileKey(file), modifiedAt: file.modifiedAt } };
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
  { takenFiles, again = false, signal, onWait }: FetchFileOptions,
): Promise<RemoteFile> {
  const { keys, newest } = await takenFiles.of(name);
  const choice = await findFile(store, {
    pattern,
    settleMs,
    ...(marker !== undefined && { marker }),
    ...(signal !== undefined && { signal }),
    onSettling(file) {
      if (settleMs < 1000) return;
      const time = formatDuration(settleMs);
      onWait?.(`@${name}: ${file.name} may still be growing; it is used once it has not changed for ${time}`);
    },
    ...(!again && newest !== undefined && { notBefore: newest }),
    isProcessed: (file) => !again && keys.has(fileKey(file)),
  });
  const nothing = (why: string) => new UserError('SOURCE_EMPTY', `@${name}: ${why}`);
  switch (choice.kind) {
    case 'chosen':
      return choice.file;
    case 'no-match':
      throw nothing(`none of the ${choice.listed} files in ${store.label} matches ${pattern}.`);
    case 'all-processed': {
      const by = keys.get(fileKey(choice.newest));
      const taken = by === undefined ? 'is older than the file that was taken last' : `was taken by ${by}`;
      throw nothing(
        `${choice.newest.name}, the newest file that matches ${pattern}, ${taken}. To use it once more: --again.`,
      );
    }
    case 'incomplete':
      throw nothing(`${choice.file.name} is still being written. Try again later.`);
  }
}

/** Retries errors of the file store that may be temporary. */
async function withRetries<T>(
  source: string,
  { signal, onWait }: FetchFileOptions,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const delay =
        error instanceof StoreError && error.retryable && signal?.aborted !== true
          ? retryDelay(attempt, RETRY_DELAYS_MS, Math.random())
          : undefined;
      if (delay === undefined) throw error;
      const why = error instanceof Error ? error.message : String(error);
      onWait?.(`@${source}: ${why}; the next try is in ${formatDuration(delay)}`);
      await sleep(delay, signal);
    }
  }
}

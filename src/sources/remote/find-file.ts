/**
 * Finds the file to use: the newest that matches, if it is complete and was not processed before. An
 * older one must not be used instead: last week's segment is worse than none.
 */

import picomatch from 'picomatch';
import { sleep } from '../../kit/clock.ts';
import type { FileStore, RemoteFile } from './file-store.ts';

/** How to decide whether a file is complete. */
export type CompletenessCheck =
  /** The location lists complete files only. */
  | { by: 'listing' }
  /** The file is the same as in an earlier listing. */
  | { by: 'settling'; earlier: readonly RemoteFile[] }
  /** There is a file of this name, in which `{name}` stands for the file's name. */
  | { by: 'marker'; marker: string };

export interface FileQuery {
  /** A name or a glob pattern for names: `segment-*.csv.gz`, `segment-{cz,sk}.csv`. */
  pattern: string;
  /** Returns whether this version of the file, see {@link fileKey}, was processed before. */
  isProcessed: (file: RemoteFile) => boolean;
  /** `modifiedAt` of the file processed last. Older files are not used, even if newer ones were deleted. */
  notBefore?: number;
}

export type FileChoice =
  | { kind: 'chosen'; file: RemoteFile }
  /** No name matches. */
  | { kind: 'no-match'; listed: number }
  /** The newest match was processed before, or is older than the one that was. */
  | { kind: 'all-processed'; newest: RemoteFile }
  /** The newest match is new, but may still be growing. */
  | { kind: 'incomplete'; file: RemoteFile };

interface FindOptions extends FileQuery {
  /** Name of the file whose presence means that `{name}` is complete, such as `{name}.done` or `_SUCCESS`. */
  marker?: string;
  /** Without a marker: milliseconds for which a file must stay unchanged to count as complete. */
  settleMs: number;
  /** Ends the wait: then the file counts as incomplete. */
  signal?: AbortSignal;
  /** Called before the wait, with the file that may still be growing. */
  onSettling?: (file: RemoteFile) => void;
}

/** Takes `settleMs` if there is a new file, no marker is used and the location lists incomplete files, too. */
export async function findFile(
  store: FileStore,
  { marker, settleMs, signal, onSettling, ...query }: FindOptions,
): Promise<FileChoice> {
  const listing = await store.list();
  if (marker !== undefined) return chooseFile(listing, query, { by: 'marker', marker });
  const choice = chooseFile(listing, query, { by: 'listing' });
  if (choice.kind !== 'chosen' || store.listsCompleteFilesOnly) return choice;
  onSettling?.(choice.file);
  await sleep(settleMs, signal);
  if (signal?.aborted === true) return { kind: 'incomplete', file: choice.file };
  return chooseFile(await store.list(), query, { by: 'settling', earlier: listing });
}

/** Chooses a file of a listing. */
export function chooseFile(
  listing: readonly RemoteFile[],
  query: FileQuery,
  check: CompletenessCheck,
): FileChoice {
  const newest = newestMatch(listing, query.pattern, check);
  if (newest === undefined) return { kind: 'no-match', listed: listing.length };
  if (query.isProcessed(newest) || newest.modifiedAt < (query.notBefore ?? 0)) {
    return { kind: 'all-processed', newest };
  }
  return { kind: isComplete(newest, listing, check) ? 'chosen' : 'incomplete', file: newest };
}

/** Returns a key that identifies one version of one file. */
export function fileKey({ name, version }: RemoteFile): string {
  return JSON.stringify([name, version]);
}

function newestMatch(
  listing: readonly RemoteFile[],
  pattern: string,
  check: CompletenessCheck,
): RemoteFile | undefined {
  const matches = picomatch(pattern);
  const markers = new Set(check.by === 'marker' ? listing.map((file) => markerOf(file, check.marker)) : []);
  return (
    listing
      // A name may contain the characters of patterns.
      .filter(({ name }) => (name === pattern || matches(name)) && !markers.has(name))
      .reduce<RemoteFile | undefined>((newest, file) => (isNewer(file, newest) ? file : newest), undefined)
  );
}

function isNewer(file: RemoteFile, than: RemoteFile | undefined): boolean {
  if (than === undefined || file.modifiedAt > than.modifiedAt) return true;
  // SFTP reports whole seconds: of two files in one second, the name with the later date is newer.
  return file.modifiedAt === than.modifiedAt && file.name > than.name;
}

function isComplete(file: RemoteFile, listing: readonly RemoteFile[], check: CompletenessCheck): boolean {
  switch (check.by) {
    case 'listing':
      return true;
    case 'settling':
      return check.earlier.some(
        ({ name, size, version }) => name === file.name && size === file.size && version === file.version,
      );
    case 'marker': {
      const marker = markerOf(file, check.marker);
      // A marker that is older than the file belongs to its previous version.
      return listing.some(({ name, modifiedAt }) => name === marker && modifiedAt >= file.modifiedAt);
    }
  }
}

function markerOf({ name }: RemoteFile, marker: string): string {
  return marker.replaceAll('{name}', () => name);
}

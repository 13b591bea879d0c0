/**
 * Which file of a listing to take: the newest that fits, if it was not taken before and is whole.
 * An older one is never taken in its place: a segment of last week is worse than none.
 */

import picomatch from 'picomatch';
import type { RemoteFile } from './file-store.ts';

/** How to tell that nobody is still writing a file. */
export type Wholeness =
  /** The place shows whole files only. */
  | { by: 'arrival' }
  /** It is as it was in a listing taken some time before. */
  | { by: 'settled'; earlier: readonly RemoteFile[] }
  /** Another file says so, once it is written: its name, in which `{name}` stands for the file's. */
  | { by: 'marker'; marker: string };

export interface Wanted {
  /** A name or a glob pattern for names: `segment-*.csv.gz`, `segment-{cz,sk}.csv`. */
  pattern: string;
  /** Asked for {@link fileKey}'s idea of a file: name and version. */
  isProcessed: (file: RemoteFile) => boolean;
  /** `modifiedAt` of the file that was taken last. Nothing older is taken, even if newer ones were deleted. */
  notBefore?: number;
  whole: Wholeness;
}

export type Choice =
  | { kind: 'chosen'; file: RemoteFile }
  /** No name fits. */
  | { kind: 'none-match'; listed: number }
  /** The newest that fits was taken before, or is older than what was. */
  | { kind: 'all-processed'; newest: RemoteFile }
  /** The newest that fits is new, but may still grow. */
  | { kind: 'still-written'; file: RemoteFile };

export function chooseFile(listing: readonly RemoteFile[], wanted: Wanted): Choice {
  const newest = newestThatFits(listing, wanted);
  if (newest === undefined) return { kind: 'none-match', listed: listing.length };
  if (wanted.isProcessed(newest) || newest.modifiedAt < (wanted.notBefore ?? 0)) {
    return { kind: 'all-processed', newest };
  }
  return { kind: isWhole(newest, listing, wanted.whole) ? 'chosen' : 'still-written', file: newest };
}

/** The same for one version of one file, another for any other. */
export function fileKey({ name, version }: RemoteFile): string {
  return JSON.stringify([name, version]);
}

function newestThatFits(listing: readonly RemoteFile[], { pattern, whole }: Wanted): RemoteFile | undefined {
  const fits = picomatch(pattern);
  const markers = new Set(whole.by === 'marker' ? listing.map((file) => markerOf(file, whole.marker)) : []);
  return (
    listing
      // A name with the pattern's own characters in it is still a name.
      .filter(({ name }) => (name === pattern || fits(name)) && !markers.has(name))
      .reduce<RemoteFile | undefined>((newest, file) => (isNewer(file, newest) ? file : newest), undefined)
  );
}

function isNewer(file: RemoteFile, than: RemoteFile | undefined): boolean {
  if (than === undefined || file.modifiedAt > than.modifiedAt) return true;
  // SFTP tells whole seconds: of two files in one, the name with the later date is the newer.
  return file.modifiedAt === than.modifiedAt && file.name > than.name;
}

function isWhole(file: RemoteFile, listing: readonly RemoteFile[], whole: Wholeness): boolean {
  switch (whole.by) {
    case 'arrival':
      return true;
    case 'settled':
      return whole.earlier.some(
        ({ name, size, version }) => name === file.name && size === file.size && version === file.version,
      );
    case 'marker': {
      const marker = markerOf(file, whole.marker);
      // One that is older than the file was set for the file before it.
      return listing.some(({ name, modifiedAt }) => name === marker && modifiedAt >= file.modifiedAt);
    }
  }
}

function markerOf({ name }: RemoteFile, marker: string): string {
  return marker.replaceAll('{name}', () => name);
}

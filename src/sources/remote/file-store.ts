/** A place where Bloomreach's exports arrive, whatever it is: a folder, an SFTP server or a bucket. */

import type { Readable } from 'node:stream';

export interface RemoteFile {
  /** Its name in the folder, without a path. Given by the other side: not to be trusted as a local path. */
  name: string;
  /** Bytes. */
  size: number;
  /** Tells versions of one name apart: S3's ETag, elsewhere size and time. */
  version: string;
  /** Milliseconds since 1970, by the clock of the place. */
  modifiedAt: number;
}

/** Everything in it throws {@link StoreError} where the place is at fault. */
export interface FileStore {
  /** For messages; holds no secret. */
  readonly place: string;
  /** Whether a file shows up only once it is whole, as in S3: then nobody has to wait and see. */
  readonly wholeOnArrival: boolean;
  /** All files right in the folder, in no order; none of the folders in it. */
  list(): Promise<RemoteFile[]>;
  /** The bytes of this version. They end with an error where the place has another one by then. */
  read(file: RemoteFile): Promise<Readable>;
  /** Puts a local file there. Nobody sees it under that name before it is whole. */
  write(name: string, path: string): Promise<void>;
  /** Breaks off what is still going on. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** How long one answer may take, in ms. */
  answerMs: number;
}

/** The version of a file in a place that has no better name for it. */
export function statVersion(size: number, modifiedAt: number): string {
  return `${size}-${modifiedAt}`;
}

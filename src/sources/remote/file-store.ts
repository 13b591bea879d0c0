/** A location at which Bloomreach's exports arrive: a folder, an SFTP server or a bucket. */

import type { Readable } from 'node:stream';

export interface RemoteFile {
  /** The name in the folder, without a path. Chosen by the other side, so it must never be used as a local path. */
  name: string;
  /** Bytes. */
  size: number;
  /** Differs between versions of one name: S3's ETag, elsewhere size and time. */
  version: string;
  /** Milliseconds since 1970, by the clock of the location. */
  modifiedAt: number;
}

/** All methods throw {@link StoreError} if the location is at fault. */
export interface FileStore {
  /** Names the location in messages, e.g. `s3://exports/daily/`. Contains no secret. */
  readonly label: string;
  /** Whether a file is listed only once it is complete, as in S3. */
  readonly listsCompleteFilesOnly: boolean;
  /** Returns all files of the folder, in no order, without those in subfolders. */
  list(): Promise<RemoteFile[]>;
  /** Reads this version of the file. The stream ends with an error if the location has another version. */
  read(file: RemoteFile): Promise<Readable>;
  /** Aborts calls in progress. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Milliseconds that one response may take. */
  timeoutMs: number;
}

/** Returns the version of a file at a location without ETags. */
export function statVersion(size: number, modifiedAt: number): string {
  return `${size}-${modifiedAt}`;
}

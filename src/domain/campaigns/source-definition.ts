/** A place that customers can be had from, by name: what the programs file says of it, with its secrets filled in. */

export interface FolderPlace {
  kind: 'folder';
  path: string;
}

/** A folder on an SFTP server. */
export type SftpPlace = {
  kind: 'sftp';
  host: string;
  port: number;
  username: string;
  /** The server's key as OpenSSH prints it, `SHA256:…`: `ssh-keyscan HOST | ssh-keygen -lf -`. */
  hostKey: string;
  /** Folder on the server; `.` is where the login leads to. */
  path: string;
} & ({ privateKey: string; passphrase?: string } | { password: string });

/** A bucket, or a folder in it, of AWS or of anything that speaks its API. */
export interface S3Place {
  kind: 's3';
  /** Base URL; AWS's own for the region if absent. GCS: `https://storage.googleapis.com`. */
  endpoint?: string;
  region: string;
  bucket: string;
  /** The folder in the bucket, with or without its last slash; empty for the bucket itself. */
  prefix: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** The bucket in the path instead of in the host name, as MinIO wants it. */
  forcePathStyle?: boolean;
}

export type FilePlace = FolderPlace | SftpPlace | S3Place;

/** Files that somebody puts there, of which the newest new one counts. */
export interface FileSource {
  kind: 'files';
  name: string;
  place: FilePlace;
  /** A file name or a glob pattern for names. */
  pattern: string;
  /** Name of the file that says that `{name}` is whole. */
  marker?: string;
  /** Without a marker: how long a file has to stay as it is to be taken for whole, ms. */
  settleMs: number;
}

/** A segment that Bloomreach exports when it is asked for. */
export interface SegmentSource {
  kind: 'segment';
  name: string;
  /** Id of the segmentation; absent: all customers. */
  segmentation?: string;
  /** Which of its segments, from 0. */
  segment: number;
  format: 'csv' | 'native_json';
  /** Attributes on top of those that the program's templates use. */
  attributes: readonly string[];
}

export type SourceDefinition = FileSource | SegmentSource;

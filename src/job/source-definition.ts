/** A place that customers can be had from, by name: what the programs file says of it, with its secrets filled in. */

interface FolderPlace {
  kind: 'folder';
  path: string;
}

type SftpPlace = {
  kind: 'sftp';
  host: string;
  port: number;
  username: string;
  /** The server's key as OpenSSH prints it, `SHA256:…`. */
  hostKey: string;
  path: string;
} & ({ privateKey: string; passphrase?: string } | { password: string });

interface S3Place {
  kind: 's3';
  /** Base URL; AWS's own for the region if absent. */
  endpoint?: string;
  region: string;
  bucket: string;
  prefix: string;
  accessKeyId: string;
  secretAccessKey: string;
  forcePathStyle: boolean;
}

/** Files that somebody puts there, of which the newest new one counts. */
export interface FileSource {
  kind: 'files';
  name: string;
  place: FolderPlace | SftpPlace | S3Place;
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

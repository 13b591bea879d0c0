/** A source of customers as the programs file defines it, with its secrets filled in. */

export interface FolderLocation {
  kind: 'folder';
  path: string;
}

/** A folder on an SFTP server. */
export type SftpLocation = {
  kind: 'sftp';
  host: string;
  port: number;
  username: string;
  /** The server's key as OpenSSH prints it, `SHA256:…`: `ssh-keyscan HOST | ssh-keygen -lf -`. */
  hostKey: string;
  /** Folder on the server; `.` is the user's home folder. */
  path: string;
} & ({ privateKey: string; passphrase?: string } | { password: string });

/** A bucket, or a folder in it, of AWS S3 or of compatible storage. */
export interface S3Location {
  kind: 's3';
  /** Base URL; by default that of AWS for the region. GCS: `https://storage.googleapis.com`. */
  endpoint?: string;
  region: string;
  bucket: string;
  /** The folder in the bucket, with or without a trailing slash; empty for the bucket itself. */
  prefix: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Puts the bucket into the path instead of the host name, as MinIO requires. */
  forcePathStyle?: boolean;
}

export type FileLocation = FolderLocation | SftpLocation | S3Location;

/** Files at a location, of which a campaign uses the newest new one. */
export interface FileSource {
  kind: 'files';
  name: string;
  location: FileLocation;
  /** A file name or a glob pattern for names. */
  pattern: string;
  /** Name of the file whose presence means that `{name}` is complete. */
  marker?: string;
  /** Without a marker: milliseconds for which a file must stay unchanged to count as complete. */
  settleMs: number;
}

/** A segment to request from Bloomreach's export API. */
export interface SegmentSource {
  kind: 'segment';
  name: string;
  /** Id of the segmentation; absent: all customers. */
  segmentation?: string;
  /** Index of the segment in the segmentation, from 0. */
  segment: number;
  format: 'csv' | 'native_json';
  /** Attributes to export in addition to those that the program's templates use. */
  attributes: readonly string[];
}

export type SourceDefinition = FileSource | SegmentSource;

/** Exports in S3 or in compatible storage: Google Cloud Storage, MinIO and others. */

import { Readable } from 'node:stream';
import {
  type _Object,
  GetObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { S3Location } from '../../domain/campaigns/source-definition.ts';
import type { FileStore, RemoteFile, StoreOptions } from './file-store.ts';
import { connectionError, type StoreCode, StoreError } from './store-error.ts';

export function openS3Store(location: S3Location, { timeoutMs }: StoreOptions): FileStore {
  const { bucket, endpoint } = location;
  const client = clientFor(location, timeoutMs);
  const folder =
    location.prefix === '' || location.prefix.endsWith('/') ? location.prefix : `${location.prefix}/`;
  const label = `s3://${bucket}/${folder}${endpoint === undefined ? '' : ` at ${new URL(endpoint).host}`}`;

  async function* bytesOf({ name, version }: RemoteFile): AsyncGenerator<Buffer> {
    const fileLabel = `${label}, ${name}`;
    try {
      const command = new GetObjectCommand({ Bucket: bucket, Key: folder + name, IfMatch: version });
      const { Body: body, ETag: found } = await client.send(command);
      // Some storage ignores If-Match.
      if (found !== version) throw new StoreError('STORE_FILE_CHANGED', fileLabel);
      if (!(body instanceof Readable)) throw new Error('S3 responded without a body');
      yield* body;
    } catch (error) {
      throw s3Error(fileLabel, error) ?? error;
    }
  }

  return {
    label,
    listsCompleteFilesOnly: true,

    async list() {
      try {
        const files: RemoteFile[] = [];
        // 1,000 per page.
        const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: folder, Delimiter: '/' });
        for await (const { Contents: objects = [] } of pages) {
          files.push(...objects.flatMap((object) => remoteFile(object, folder)));
        }
        return files;
      } catch (error) {
        throw s3Error(label, error) ?? error;
      }
    },

    async read(file) {
      return Readable.from(bytesOf(file), { objectMode: false });
    },

    async close() {
      client.destroy();
    },
  };
}

function clientFor(location: S3Location, timeoutMs: number): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey, forcePathStyle = false } = location;
  return new S3Client({
    region,
    ...(endpoint !== undefined && { endpoint }),
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle,
    requestHandler: { connectionTimeout: timeoutMs, socketTimeout: timeoutMs },
    // Google's and older storage refuse the checksums that AWS's client adds to every request by default.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

/** Returns nothing for the empty object with which some tools mark a folder. */
function remoteFile({ Key, Size, ETag, LastModified }: _Object, folder: string): RemoteFile[] {
  const name = Key?.slice(folder.length) ?? '';
  if (name === '' || Size === undefined || ETag === undefined || LastModified === undefined) return [];
  return [{ name, size: Size, version: ETag, modifiedAt: LastModified.getTime() }];
}

/** Codes of S3's error responses: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const errorCodes: Readonly<Record<string, StoreCode>> = {
  InvalidAccessKeyId: 'STORE_KEY_REFUSED',
  SignatureDoesNotMatch: 'STORE_KEY_REFUSED',
  RequestTimeTooSkewed: 'STORE_KEY_REFUSED',
  ExpiredToken: 'STORE_KEY_REFUSED',
  InvalidToken: 'STORE_KEY_REFUSED',
  AccessDenied: 'STORE_FORBIDDEN',
  NoSuchBucket: 'STORE_NOT_FOUND',
  PermanentRedirect: 'STORE_NOT_FOUND',
  NoSuchKey: 'STORE_FILE_GONE',
  PreconditionFailed: 'STORE_FILE_CHANGED',
  SlowDown: 'STORE_BUSY',
};

/** Returns the error for the user; undefined for a bug of ours. */
function s3Error(label: string, error: unknown): StoreError | undefined {
  if (error instanceof StoreError) return error;
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode ?? 0;
    const code = errorCodes[error.name] ?? codeByStatus(status);
    // Not as the cause: the client's errors contain the signed request.
    return new StoreError(code, label, `${error.name}, ${status}`);
  }
  const broken = connectionError(label, error);
  if (broken !== undefined) return broken;
  // The client's name for an exceeded connection or socket timeout.
  return error instanceof Error && error.name === 'TimeoutError'
    ? new StoreError('STORE_STALLED', label)
    : undefined;
}

function codeByStatus(status: number): StoreCode {
  if (status >= 500 || status === 429) return 'STORE_BUSY';
  if (status === 403) return 'STORE_FORBIDDEN';
  if (status === 404 || status === 301) return 'STORE_NOT_FOUND';
  if (status === 412) return 'STORE_FILE_CHANGED';
  return 'STORE_REFUSED';
}

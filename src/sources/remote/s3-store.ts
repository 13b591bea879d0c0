/** Exports in S3, or in storage that speaks its language: Google Cloud Storage, MinIO and others. */

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  type _Object,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { S3Place } from '../../domain/campaigns/source-definition.ts';
import type { FileStore, RemoteFile, StoreOptions } from './file-store.ts';
import { s3Refusal } from './s3-refusal.ts';
import { StoreError } from './store-error.ts';

export function openS3Store(location: S3Place, { answerMs }: StoreOptions): FileStore {
  const { bucket, endpoint } = location;
  const client = clientFor(location, answerMs);
  const folder =
    location.prefix === '' || location.prefix.endsWith('/') ? location.prefix : `${location.prefix}/`;
  const place = `s3://${bucket}/${folder}${endpoint === undefined ? '' : ` at ${new URL(endpoint).host}`}`;

  async function* bytesOf({ name, version }: RemoteFile): AsyncGenerator<Buffer> {
    const filePlace = `${place}, ${name}`;
    try {
      const command = new GetObjectCommand({ Bucket: bucket, Key: folder + name, IfMatch: version });
      const { Body: body, ETag: found } = await client.send(command);
      // Not every storage minds If-Match.
      if (found !== version) throw new StoreError('STORE_FILE_CHANGED', filePlace);
      if (!(body instanceof Readable)) throw new Error('S3 answered without a body');
      yield* body;
    } catch (error) {
      throw s3Refusal(filePlace, error) ?? error;
    }
  }

  return {
    place,
    wholeOnArrival: true,

    async list() {
      try {
        const files: RemoteFile[] = [];
        // By 1,000 a page.
        const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: folder, Delimiter: '/' });
        for await (const { Contents: objects = [] } of pages) {
          files.push(...objects.flatMap((object) => remoteFile(object, folder)));
        }
        return files;
      } catch (error) {
        throw s3Refusal(place, error) ?? error;
      }
    },

    async read(file) {
      return Readable.from(bytesOf(file), { objectMode: false });
    },

    async write(name, path) {
      try {
        const { size } = await stat(path);
        const body = createReadStream(path);
        await client.send(
          new PutObjectCommand({ Bucket: bucket, Key: folder + name, Body: body, ContentLength: size }),
        );
      } catch (error) {
        throw s3Refusal(`${place}, ${name}`, error) ?? error;
      }
    },

    async close() {
      client.destroy();
    },
  };
}

function clientFor(location: S3Place, answerMs: number): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey, forcePathStyle = false } = location;
  return new S3Client({
    region,
    ...(endpoint !== undefined && { endpoint }),
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle,
    requestHandler: { connectionTimeout: answerMs, socketTimeout: answerMs },
    // Google's and older storage refuse the checksums that AWS's client would add to everything.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

/** Nothing for the object that some tools put where a folder begins. */
function remoteFile({ Key, Size, ETag, LastModified }: _Object, folder: string): RemoteFile[] {
  const name = Key?.slice(folder.length) ?? '';
  if (name === '' || Size === undefined || ETag === undefined || LastModified === undefined) return [];
  return [{ name, size: Size, version: ETag, modifiedAt: LastModified.getTime() }];
}

/**
 * Resumable uploads of exports from the browser, by the tus protocol
 * (https://tus.io/protocols/resumable-upload). Chunks are written to disk as they arrive.
 */

import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import type { FastifyInstance } from 'fastify';

export interface UploadOptions {
  /** Folder of the uploaded files; created if it does not exist. */
  folder: string;
  /** Maximum size of one file. */
  maxBytes: number;
}

/** Unfinished uploads are deleted after this long, when the next one starts. */
const UNFINISHED_MS = 24 * 60 * 60_000;

/** Adds `POST /uploads` and `HEAD, PATCH, DELETE /uploads/{id}`; the id is the file's name in the folder. */
export async function addUploads(scope: FastifyInstance, { folder, maxBytes }: UploadOptions): Promise<void> {
  await mkdir(folder, { recursive: true });
  const store = new FileStore({ directory: folder, expirationPeriodInMilliseconds: UNFINISHED_MS });
  const server = new Server({
    path: '/uploads',
    datastore: store,
    maxSize: maxBytes,
    relativeLocation: true,
    namingFunction: () => randomUUID(),
  });
  await scope.register(async (uploads) => {
    // Leaves the stream of a chunk to tus.
    uploads.addContentTypeParser('application/offset+octet-stream', (_request, _payload, done) => done(null));
    uploads.route({
      method: ['POST', 'HEAD', 'PATCH', 'DELETE'],
      url: '/uploads/*',
      config: { role: 'operator' },
      handler: async ({ raw }, reply) => {
        reply.hijack();
        await server.handle(raw, reply.raw);
      },
    });
    uploads.post('/uploads', { config: { role: 'operator' } }, async ({ raw }, reply) => {
      await store.deleteExpired();
      reply.hijack();
      await server.handle(raw, reply.raw);
    });
  });
}

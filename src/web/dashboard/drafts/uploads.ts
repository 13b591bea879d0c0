/**
 * Exports that are uploaded from a browser, in pieces and resumed where they broke off, by the tus
 * protocol: https://tus.io/protocols/resumable-upload. They are written to disk as they come.
 */

import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import type { FastifyInstance } from 'fastify';

export interface UploadOptions {
  /** Where they lie; made where it is not there. */
  folder: string;
  /** Of one file. */
  mostBytes: number;
}

/** An upload that broke off and was not resumed by then is cleared away with the next one. */
const UNFINISHED_MS = 24 * 60 * 60_000;

/** Adds `POST /uploads` and `HEAD, PATCH, DELETE /uploads/{id}`; the id is the file's name in the folder. */
export async function addUploads(
  scope: FastifyInstance,
  { folder, mostBytes }: UploadOptions,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const store = new FileStore({ directory: folder, expirationPeriodInMilliseconds: UNFINISHED_MS });
  const server = new Server({
    path: '/uploads',
    datastore: store,
    maxSize: mostBytes,
    relativeLocation: true,
    namingFunction: () => randomUUID(),
  });
  await scope.register(async (uploads) => {
    // The pieces are tus' own to read.
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

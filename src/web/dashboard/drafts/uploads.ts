/**
 * Resumable uploads of exports from the browser, by the tus protocol
 * (https://tus.io/protocols/resumable-upload). Chunks are written to disk as they arrive.
 */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Server } from '@tus/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { makePrivateFolder } from '../../../kit/files.ts';
import type { ActionContext } from '../dashboard-service.ts';
import type { UploadRefusal, UploadService } from './upload-service.ts';
import { describeWriteError, UploadStore } from './upload-store.ts';

export interface UploadOptions {
  /** Folder of the uploaded files; created if it does not exist. */
  folder: string;
  /** Maximum size of one file. */
  maxBytes: number;
}

const answers: Readonly<Record<UploadRefusal['refused'], { status: number; code: string }>> = {
  'not-found': { status: 404, code: 'NOT_FOUND' },
  'not-yours': { status: 403, code: 'UPLOAD_NOT_YOURS' },
  'in-use': { status: 409, code: 'UPLOAD_IN_USE' },
  'too-large': { status: 413, code: 'UPLOAD_TOO_LARGE' },
  quota: { status: 413, code: 'UPLOAD_QUOTA' },
  'disk-full': { status: 507, code: 'DISK_FULL' },
};

interface OneUpload {
  Params: { id: string };
}

const config = { role: 'operator' } as const;

/** Adds `POST /uploads` and `HEAD, PATCH, DELETE /uploads/{id}`; the id is the file's name in the folder. */
export async function addUploads(
  scope: FastifyInstance,
  { folder, maxBytes }: UploadOptions,
  service: UploadService,
): Promise<void> {
  await makePrivateFolder(folder);
  /** The operators behind requests that the protocol's server handles. */
  const contexts = new WeakMap<IncomingMessage, ActionContext>();
  const server = new Server({
    path: '/uploads',
    datastore: new UploadStore(folder),
    maxSize: maxBytes,
    relativeLocation: true,
    // No page of another origin may read the answers.
    allowedOrigins: [],
    namingFunction: () => randomUUID(),
    async onUploadCreate({ runtime }, { id, size = 0, metadata }) {
      const context = contexts.get(runtime?.node?.req as IncomingMessage);
      if (context === undefined) throw new Error('an upload without an operator');
      await service.recordStart({ id, bytes: size }, context);
      return { metadata: { filename: metadata?.['filename'] ?? null, by: context.by } };
    },
    onResponseError: (_request, error) => describeWriteError(error),
  });
  const handle = ({ raw }: FastifyRequest, reply: FastifyReply) => {
    reply.hijack();
    return server.handle(raw, reply.raw);
  };

  await scope.register(async (uploads) => {
    // Leaves the stream of a chunk to tus.
    uploads.addContentTypeParser('application/offset+octet-stream', (_request, _payload, done) => done(null));

    uploads.post('/uploads', { config }, async (request, reply) => {
      const length = announcedLength(request);
      // The protocol's server says what is wrong with the header.
      if (length === undefined) return handle(request, reply);
      const reservation = await service.reserve(length, request.operator.name);
      if ('refused' in reservation) return refuse(reply, reservation);
      contexts.set(request.raw, contextOf(request));
      try {
        return await handle(request, reply);
      } finally {
        reservation.release();
      }
    });

    uploads.route<OneUpload>({
      method: ['HEAD', 'PATCH'],
      url: '/uploads/:id',
      config,
      async handler(request, reply) {
        const refusal = await service.refusalOf(request.params.id, request.operator.name);
        return refusal === undefined ? handle(request, reply) : refuse(reply, refusal);
      },
    });

    uploads.delete<OneUpload>('/uploads/:id', { config }, async (request, reply) => {
      const refusal = await service.remove(request.params.id, request.operator, contextOf(request));
      if (refusal !== undefined) return refuse(reply, refusal);
      return reply.code(204).header('tus-resumable', '1.0.0').send();
    });
  });
}

function contextOf({ operator, isSignedIn }: FastifyRequest): ActionContext {
  return { by: operator.name, via: isSignedIn ? 'dashboard' : 'api', reason: '' };
}

/** Returns the size in bytes that a new upload announces; undefined if the header is missing or invalid. */
function announcedLength({ headers }: FastifyRequest): number | undefined {
  const length = headers['upload-length'];
  return typeof length === 'string' && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

function refuse(reply: FastifyReply, { refused, message }: UploadRefusal): FastifyReply {
  const { status, code } = answers[refused];
  return reply.code(status).header('tus-resumable', '1.0.0').send({ error: { code, message } });
}

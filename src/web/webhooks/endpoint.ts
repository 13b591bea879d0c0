/**
 * What all doors have in common: who may enter, how much they take in at once, and that whatever
 * goes wrong is answered in a way that Bloomreach takes well. Bodies arrive as bytes.
 */

import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { systemClock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { refuse } from './answers.ts';
import { type Access, makeGuard } from './credentials.ts';
import { makeFailedLogins } from '../auth/failed-logins.ts';
import { bytesOf } from './request.ts';

/** A thousand customers of 16 kB. */
export const LONGEST_BODY = 16 * 1024 * 1024;
/** Bodies in hand at once: a few of the longest, or all connections of a busy scenario. */
const MOST_BYTES = 128 * 1024 * 1024;
/** With the event loop this late no answer would make the second that Bloomreach waits. */
const MOST_DELAY_MS = 700;

export interface GuardOptions {
  access: Access;
  log: Logger;
}

/** Makes a server's scope a guarded door; its routes are added afterwards. */
export async function guardEndpoint(endpoint: FastifyInstance, { access, log }: GuardOptions): Promise<void> {
  await endpoint.register(underPressure, {
    maxEventLoopDelay: MOST_DELAY_MS,
    pressureHandler: (_request, reply) => void refuse(reply, 'UNAVAILABLE', 'too busy: send it again'),
  });
  endpoint.addHook('onRequest', (_request, reply, next) => {
    reply.headers(headers);
    next();
  });
  addLogin(endpoint, access, log);
  addBodyLimits(endpoint);
  // Whatever Fastify finds wrong with a request, e.g. its length, and whatever we could not do.
  endpoint.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return refuse(reply, 'INVALID_REQUEST', error.message);
    }
    log.error({ event: 'door.not-stored', err: error }, 'whoever sent it will send it again');
    return refuse(reply, 'UNAVAILABLE', 'send it again');
  });
}

/** Answers a request that brought something. */
type Answering = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Adds a door to a guarded scope: whatever is sent below `prefix` is answered there. */
export function addEndpoint(guarded: FastifyInstance, prefix: string, answer: Answering): void {
  const handler = async (request: FastifyRequest, reply: FastifyReply) =>
    // Bloomreach tries the address and the credentials with nothing.
    bytesOf(request).length === 0 ? { success: true } : answer(request, reply);
  void guarded.register(
    (endpoint, _options, done) => {
      endpoint.route({ method: ['POST', 'PATCH'], url: '/*', handler });
      // A wrong address or method too: a 404 would stop the campaign.
      endpoint.setNotFoundHandler(handler);
      done();
    },
    { prefix },
  );
}

/** What browsers are told about answers that are meant for machines. */
const headers = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

function shutOut(reply: FastifyReply): void {
  reply.header('retry-after', '60');
  refuse(reply, 'RATE_LIMITED', 'too many wrong credentials: try again in a minute');
}

function addLogin(endpoint: FastifyInstance, access: Access, log: Logger): void {
  const mayEnter = makeGuard(access);
  const logins = makeFailedLogins(systemClock);

  endpoint.addHook('onRequest', (request, reply, next) => {
    const from = request.socket.remoteAddress ?? '';
    if (logins.isShutOut(from)) return shutOut(reply);
    if (mayEnter({ headers: request.headers, from })) {
      logins.passed(from);
      return next();
    }
    const failed = logins.failed(from);
    if (failed === 'limit') log.warn({ event: 'door.shut-out', from }, 'too many wrong credentials');
    if (failed !== 'counted') return shutOut(reply);
    reply.header('www-authenticate', 'Basic realm="passbridge", charset="UTF-8"');
    return void refuse(reply, 'UNAUTHORIZED', 'wrong credentials');
  });
}

/** One that brings something and does not say how much may bring as much as any. */
function announcedBytes({ headers: given }: FastifyRequest): number {
  const unknown = given['transfer-encoding'] === undefined ? 0 : LONGEST_BODY;
  return Number(given['content-length'] ?? unknown);
}

function addBodyLimits(endpoint: FastifyInstance): void {
  let inHand = 0;
  const sizes = new WeakMap<FastifyRequest, number>();
  const letGo = (request: FastifyRequest) => {
    inHand -= sizes.get(request) ?? 0;
    sizes.delete(request);
  };

  endpoint.removeAllContentTypeParsers();
  endpoint.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: LONGEST_BODY },
    (_request: FastifyRequest, bytes: Buffer, done: (error: null, body: Buffer) => void) => done(null, bytes),
  );
  endpoint.addHook('onRequest', (request, reply, next) => {
    const size = Math.min(announcedBytes(request), LONGEST_BODY);
    if (inHand + size > MOST_BYTES) return void refuse(reply, 'UNAVAILABLE', 'too busy: send it again');
    inHand += size;
    sizes.set(request, size);
    next();
  });
  endpoint.addHook('onResponse', (request, _reply, next) => {
    letGo(request);
    next();
  });
  endpoint.addHook('onRequestAbort', (request, next) => {
    letGo(request);
    next();
  });
}

/**
 * What all webhook endpoints share: authorization, limits on the size of bodies, and answers to errors whose status
 * does not stop a campaign at Bloomreach. Handlers get the body as bytes.
 */

import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { monotonicClock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { makeOwnIterations } from './own-iteration.ts';
import { makeFailedLogins } from '../auth/failed-logins.ts';
import { addressGroup, arrivalOf, clientAddress } from '../client-address.ts';
import { refuse } from './answers.ts';
import { decodeBody } from './content-encoding.ts';
import { type Access, makeAccessCheck } from './credentials.ts';
import { bytesOf } from './request.ts';

/** 1,000 customers of 16 kB. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Larger bodies are handled one at a time: parsing one of the maximum size takes about 0.1 s, and small ones wait that long. */
const LARGE_BODY_BYTES = 1024 * 1024;
/** Bodies in memory at once: a few of the maximum size, or those of all connections of a busy scenario. */
const MAX_TOTAL_BYTES = 128 * 1024 * 1024;
/** With a longer event loop delay, answers would miss Bloomreach's timeout of one second. */
const MAX_EVENT_LOOP_DELAY_MS = 700;

export interface GuardOptions {
  access: Access;
  log: Logger;
}

/** Guards a server's scope. Endpoints are added afterwards, by {@link addEndpoint}. */
export async function guardEndpoints(scope: FastifyInstance, { access, log }: GuardOptions): Promise<void> {
  await scope.register(underPressure, {
    maxEventLoopDelay: MAX_EVENT_LOOP_DELAY_MS,
    pressureHandler: (_request, reply) => void refuse(reply, 'UNAVAILABLE', 'too busy; send it again'),
  });
  scope.addHook('onRequest', (_request, reply, next) => {
    reply.headers(securityHeaders);
    next();
  });
  addAuthorization(scope, access, log);
  addBodyLimits(scope);
  // Requests that Fastify rejects, e.g. for their length, and errors of handlers.
  scope.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return refuse(reply, 'INVALID_REQUEST', error.message);
    }
    log.error(
      { event: 'webhook.not-stored', err: error },
      'webhook request not stored; the sender will retry',
    );
    return refuse(reply, 'UNAVAILABLE', 'not stored; send it again');
  });
}

/** Answers a request that has a body. */
type AnswerRequest = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Adds an endpoint to a guarded scope: it answers every request below `prefix`. */
export function addEndpoint(guarded: FastifyInstance, prefix: string, answer: AnswerRequest): void {
  const handler = async (request: FastifyRequest, reply: FastifyReply) =>
    // Bloomreach's connection test sends an empty body.
    bytesOf(request).length === 0 ? { success: true } : answer(request, reply);
  void guarded.register(
    (endpoint, _options, done) => {
      endpoint.route({ method: ['POST', 'PATCH'], url: '/*', handler });
      // Also for unknown addresses and methods, because a 404 would stop the campaign.
      endpoint.setNotFoundHandler(handler);
      done();
    },
    { prefix },
  );
}

/** For browsers, which have no use for these answers. */
const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

function refuseGuess(reply: FastifyReply): void {
  reply.header('retry-after', '60');
  refuse(reply, 'RATE_LIMITED', 'too many wrong credentials; try again in a minute');
}

const LOCAL_ONLY =
  'without WEBHOOK_USERNAME and WEBHOOK_PASSWORD, or WEBHOOK_TOKEN, only direct requests of the same machine are accepted; set them';

function addAuthorization(scope: FastifyInstance, access: Access, log: Logger): void {
  const isAllowed = makeAccessCheck(access);
  const hasCredentials = access.basic !== undefined || access.token !== undefined;
  const logins = makeFailedLogins(monotonicClock);

  scope.addHook('onRequest', (request, reply, next) => {
    const from = addressGroup(clientAddress(request));
    if (logins.isBlocked(from)) return refuseGuess(reply);
    if (isAllowed(arrivalOf(request))) {
      logins.succeeded(from);
      return next();
    }
    if (!hasCredentials) return void refuse(reply, 'UNAUTHORIZED', LOCAL_ONLY);
    const failed = logins.failed(from);
    if (failed === 'limit') log.warn({ event: 'webhook.rate-limited', from }, 'too many wrong credentials');
    if (failed !== 'counted') return refuseGuess(reply);
    reply.header('www-authenticate', 'Basic realm="passbridge", charset="UTF-8"');
    return void refuse(reply, 'UNAUTHORIZED', 'wrong credentials');
  });
}

/** Returns the announced size of a body; the maximum for a chunked or compressed one, whose size is unknown. */
function announcedBytes({ headers }: FastifyRequest): number {
  if (headers['content-encoding'] !== undefined) return MAX_BODY_BYTES;
  const unknown = headers['transfer-encoding'] === undefined ? 0 : MAX_BODY_BYTES;
  return Number(headers['content-length'] ?? unknown);
}

function addBodyLimits(scope: FastifyInstance): void {
  const waitForOwnIteration = makeOwnIterations();
  let total = 0;
  const sizes = new WeakMap<FastifyRequest, number>();
  const release = (request: FastifyRequest) => {
    total -= sizes.get(request) ?? 0;
    sizes.delete(request);
  };

  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
    async ({ headers }: FastifyRequest, bytes: Buffer) => {
      const decoded = await decodeBody(bytes, headers['content-encoding'], MAX_BODY_BYTES);
      if (decoded.length > LARGE_BODY_BYTES) await waitForOwnIteration();
      return decoded;
    },
  );
  scope.addHook('onRequest', (request, reply, next) => {
    const size = Math.min(announcedBytes(request), MAX_BODY_BYTES);
    if (total + size > MAX_TOTAL_BYTES) return void refuse(reply, 'UNAVAILABLE', 'too busy; send it again');
    total += size;
    sizes.set(request, size);
    next();
  });
  scope.addHook('onResponse', (request, _reply, next) => {
    release(request);
    next();
  });
  scope.addHook('onRequestAbort', (request, next) => {
    release(request);
    next();
  });
}

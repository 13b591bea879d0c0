/**
 * Keeps requests of pages and the API from piling up behind a Redis that does not answer: they are refused at once, in a
 * sentence, before they send a command. One that was admitted when Redis began to hang is answered by then, too.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { startTimeout } from '../kit/deadline.ts';
import { noAnswer, RedisAwayError } from '../kit/redis/refusal.ts';
import { renderRefusal } from './dashboard/layout.tsx';
import { redisRefusalPage } from './dashboard/redis-refusal.ts';

export interface RedisGuardOptions {
  /** Resolves within about a second with whether Redis answers. */
  redisAnswers: () => Promise<boolean>;
}

/** After this time a request without an answer is refused, unless Redis answers and only the request is slow. */
const CHECK_AFTER_MS = 1500;

/** Guards a scope. Must be called before anything else is added to it: sessions are in Redis, too. */
export function addRedisGuard(scope: FastifyInstance, { redisAnswers }: RedisGuardOptions): void {
  const timeouts = new WeakMap<FastifyRequest, () => void>();
  const clear = (request: FastifyRequest) => timeouts.get(request)?.();

  const refuseHanging = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (await redisAnswers()) return watch(request, reply);
    if (!reply.sent && !reply.raw.headersSent) refuseWithoutHooks(request, reply);
  };

  const watch = (request: FastifyRequest, reply: FastifyReply) => {
    if (reply.sent || reply.raw.headersSent) return;
    timeouts.set(
      request,
      startTimeout(CHECK_AFTER_MS, () => void refuseHanging(request, reply)),
    );
  };

  scope.addHook('onRequest', async (request, reply) => {
    if (!(await redisAnswers())) throw new RedisAwayError();
    watch(request, reply);
  });
  scope.addHook('onResponse', async (request) => clear(request));
  scope.addHook('onRequestAbort', async (request) => clear(request));
}

/** Hooks would store the session, and wait for Redis as well. */
function refuseWithoutHooks({ method, headers: { accept } }: FastifyRequest, reply: FastifyReply): void {
  const { props, headers } = redisRefusalPage(noAnswer, { method, hasBegun: true });
  const wantsPage = accept?.includes('text/html') === true;
  // Those of security, which a hook has set already.
  const earlier = Object.entries(reply.getHeaders());
  reply.hijack();
  const { raw } = reply;
  // The handler may still write its own answer when Redis is back.
  raw.on('error', () => {});
  for (const [name, value] of earlier) if (value !== undefined) raw.setHeader(name, value);
  const type = `text/${wantsPage ? 'html' : 'plain'}; charset=utf-8`;
  raw.writeHead(503, { ...headers, 'content-type': type, 'cache-control': 'no-store' });
  raw.end(wantsPage ? renderRefusal(props) : props.message);
}

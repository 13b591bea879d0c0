import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { addRedisGuard } from '../../src/web/redis-guard.ts';

/** A server whose handler waits for Redis until `wake` is called. */
async function setUp() {
  const redis = { answers: true };
  let wake: ((text: string) => void) | undefined;
  const awake = new Promise<string>((resolve) => (wake = resolve));
  const handled: string[] = [];
  const server = Fastify();
  onTestFinished(() => server.close());
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('content-security-policy', "default-src 'self'");
  });
  await server.register(async (scope) => {
    addRedisGuard(scope, { redisAnswers: async () => redis.answers });
    scope.route({
      method: ['GET', 'POST'],
      url: '/page',
      handler: async () => {
        handled.push('page');
        return awake;
      },
    });
  });
  return { server, redis, handled, wake: () => wake?.('late page') };
}

it('refuses a request before its handler if Redis does not answer', async () => {
  const { server, redis, handled } = await setUp();
  redis.answers = false;
  const { statusCode } = await server.inject('/page');
  expect([statusCode, handled]).toEqual([500, []]);
});

it('answers a request that was admitted when Redis began to hang, and drops its own late answer', async () => {
  const { server, redis, handled, wake } = await setUp();
  const answered = server.inject('/page');
  await expect.poll(() => handled).toEqual(['page']);
  redis.answers = false;
  const { statusCode, body } = await answered;
  expect([statusCode, body]).toEqual([503, expect.stringContaining('Redis does not answer')]);
  wake();
});

it('answers a browser whose request hangs with a page that reloads itself and keeps the headers of security', async () => {
  const { server, redis, handled, wake } = await setUp();
  const answered = server.inject({ url: '/page', headers: { accept: 'text/html,*/*' } });
  await expect.poll(() => handled).toEqual(['page']);
  redis.answers = false;
  const { statusCode, headers, body } = await answered;
  expect(statusCode).toBe(503);
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'self'",
    refresh: '5',
  });
  expect(body).toContain('This page cannot be shown now');
  expect(body).toContain('Redis does not answer');
  wake();
});

it('does not claim that nothing was changed by a form whose request hangs', async () => {
  const { server, redis, handled, wake } = await setUp();
  const answered = server.inject({ method: 'POST', url: '/page', headers: { accept: 'text/html' } });
  await expect.poll(() => handled).toEqual(['page']);
  redis.answers = false;
  const { statusCode, headers, body } = await answered;
  expect([statusCode, headers['refresh']]).toEqual([503, undefined]);
  expect(body).toContain('It is not known whether this was changed');
  expect(body).not.toContain('Nothing was changed');
  wake();
});

it('leaves a slow request alone while Redis answers', async () => {
  const { server, handled, wake } = await setUp();
  const answered = server.inject('/page');
  await expect.poll(() => handled).toEqual(['page']);
  // Longer than the time after which it is looked at.
  setTimeout(wake, 2000);
  const { statusCode, body } = await answered;
  expect([statusCode, body]).toEqual([200, 'late page']);
});

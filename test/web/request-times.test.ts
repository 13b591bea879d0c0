import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { addRequestTimes } from '../../src/web/request-times.ts';

it('reports the pattern of the route, never its path, and the status of hijacked replies', async () => {
  const seen: object[] = [];
  const server = Fastify();
  onTestFinished(() => server.close());
  addRequestTimes(server, {
    onAnswered: ({ seconds, ...request }) => seen.push({ ...request, isTimed: seconds >= 0 }),
  });
  server.get('/customers/:id', async () => 'ok');
  server.get('/away', async (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(503).end();
  });
  server.get('/live', async () => 'stream');
  await server.inject('/customers/anna@example.com');
  await server.inject('/away');
  await server.inject('/nowhere/anna@example.com');
  await server.inject({ url: '/live', headers: { accept: 'text/event-stream' } });
  expect(seen).toEqual([
    { method: 'GET', route: '/customers/:id', status: 200, isTimed: true },
    { method: 'GET', route: '/away', status: 503, isTimed: true },
    { method: 'GET', route: 'unmatched', status: 404, isTimed: true },
  ]);
});

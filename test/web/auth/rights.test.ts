import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { requireRoles } from '../../../src/web/auth/rights.ts';

it('keeps the server from starting while a route declares no role', async () => {
  const server = Fastify();
  void server.register(async (scope) => {
    requireRoles(scope);
    scope.get('/declared', { config: { role: 'viewer' } }, () => 'seen');
    scope.get('/forgotten', () => 'seen');
    await scope.register(async (inner) => void inner.post('/forgotten/too', () => 'done'));
  });
  server.get('/outside', () => 'seen');
  await expect(server.ready()).rejects.toThrow('routes without a role: /forgotten, /forgotten/too');
});

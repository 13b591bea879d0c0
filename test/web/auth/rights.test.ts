import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { insistOnRoles } from '../../../src/web/auth/rights.ts';

it('no server starts while a route does not say who may use it', async () => {
  const server = Fastify();
  void server.register(async (scope) => {
    insistOnRoles(scope);
    scope.get('/said', { config: { role: 'viewer' } }, () => 'seen');
    scope.get('/forgotten', () => 'seen');
    await scope.register(async (inner) => void inner.post('/forgotten/too', () => 'done'));
  });
  server.get('/outside', () => 'seen');
  await expect(server.ready()).rejects.toThrow('who may use these routes? /forgotten, /forgotten/too');
});

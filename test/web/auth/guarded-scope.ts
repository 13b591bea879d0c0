/** Sign-in around two routes, on a real socket and Redis, with a clock that tests can move. */

import Fastify from 'fastify';
import { onTestFinished } from 'vitest';
import type { OperatorRole } from '../../../src/domain/operators/operator.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeSessions } from '../../../src/ledger/operators/sessions.ts';
import { addForms } from '../../../src/web/dashboard/form-fields.ts';
import { addSignIn, type SignInOptions } from '../../../src/web/auth/sign-in.ts';
import { basicAuth } from '../../support/basic-auth.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';
import { silent } from '../../support/make.ts';
import { makeBrowser } from './browser.ts';
import { cheapHash } from './cheap-hash.ts';

export const PASSWORD = 'correct horse battery';

export const basic = (name: string, password = PASSWORD) => ({
  authorization: basicAuth(name, password),
});

type SignInRecord = Parameters<SignInOptions['recordSignIn']>[0];

/** `more` replaces options of the sign-in; `trustProxy` is Fastify's option. */
export async function openScope({
  trustProxy = false,
  ...more
}: Partial<SignInOptions> & { trustProxy?: string | false } = {}) {
  const redis = openRedis();
  const prefix = testPrefix();
  const passwordHash = cheapHash(PASSWORD);
  const roles = new Map<string, OperatorRole>([
    ['iva', 'operator'],
    ['ota', 'viewer'],
  ]);
  const records: SignInRecord[] = [];
  const refusals: Parameters<SignInOptions['recordRefusal']>[0][] = [];
  const done: string[] = [];
  /** The start page waits for `until`. */
  const slow: { until?: Promise<unknown> } = {};
  const clock = { now: Date.now() };
  const server = Fastify({ trustProxy });
  const sessions = makeSessions(redis, makeLedgerKeys(prefix));
  void server.register(async (scope) => {
    await addForms(scope);
    await addSignIn(scope, {
      access: {
        kind: 'operators',
        operators: {
          find(name) {
            const role = roles.get(name);
            return role && { name, role, passwordHash, stamp: `${role} ${passwordHash}` };
          },
          anyPasswordHash: () => passwordHash,
        },
      },
      sessions,
      secret: await sessions.signingSecret(),
      isHttps: false,
      clock: () => clock.now,
      log: silent,
      recordSignIn: async (entry) => void records.push(entry),
      recordRefusal: (refusal) => void refusals.push(refusal),
      ...more,
    });
    scope.get('/', { config: { role: 'viewer' } }, async (request, reply) => {
      await slow.until;
      return reply
        .type('text/html')
        .send(`<meta name="csrf-token" content="${reply.csrfToken()}">${request.operator.name}`);
    });
    scope.get('/api/things', { config: { role: 'viewer' } }, () => ({ things: [] }));
    scope.post('/change', { config: { role: 'operator' } }, async ({ operator }) => {
      done.push(operator.name);
      return { done: true };
    });
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    server.server.closeAllConnections();
    await server.close();
  });
  return {
    url,
    redis,
    prefix,
    clock,
    roles,
    records,
    refusals,
    done,
    slow,
    browser: () => makeBrowser(url),
    async signedIn(name = 'iva') {
      const one = makeBrowser(url);
      await one.signIn(name, PASSWORD);
      await one.send('/');
      return one;
    },
    /** Keys of the sessions that were not removed. */
    async sessionKeys() {
      const all = await redis.keys(makeLedgerKeys(prefix).session('*'));
      const values = await Promise.all(all.map((key) => redis.get(key)));
      return all.filter((_, index) => values[index] !== 'removed');
    },
  };
}

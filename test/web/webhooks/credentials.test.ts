/** Which requests are allowed, and how many wrong credentials an address may send. */

import { describe, expect, it } from 'vitest';
import { makeMonotonicClock } from '../../../src/kit/clock.ts';
import { makeAccessCheck } from '../../../src/web/webhooks/credentials.ts';
import { makeFailedLogins } from '../../../src/web/auth/failed-logins.ts';
import type { Arrival } from '../../../src/web/client-address.ts';
import { sendRaw } from '../../support/raw-request.ts';
import { basicAuth } from '../../support/basic-auth.ts';
import { customer, startEndpoint } from './endpoint-under-test.ts';

describe('with credentials', () => {
  const isAllowed = makeAccessCheck({
    basic: { username: 'user', password: 'pä:ss' },
    token: 'token',
    isProxied: true,
  });
  it.each([
    ['Basic credentials', basicAuth('user', 'pä:ss'), true],
    ['a bearer token', 'Bearer token', true],
    ['a scheme in another case', 'bearer  token', true],
    ['a wrong password', basicAuth('user', 'pä:s'), false],
    ['a token as Basic credentials', 'Basic token', false],
    ['a token in another case', 'Bearer TOKEN', false],
    ['no credentials', '', false],
  ])('%s', (_, authorization, allowed) => {
    for (const from of ['192.0.2.1', '127.0.0.1']) {
      expect(isAllowed({ headers: { authorization }, from, httpVersion: '1.0' })).toBe(allowed);
    }
  });
});

const local: Arrival = { headers: { host: 'localhost:3000' }, from: '127.0.0.1', httpVersion: '1.1' };

const through = (headers: Arrival['headers']): Partial<Arrival> => ({
  headers: { ...local.headers, ...headers },
});

describe('without credentials', () => {
  const isAllowed = makeAccessCheck({ basic: undefined, token: undefined, isProxied: false });
  it.each<[string, Partial<Arrival>, boolean]>([
    ['this machine', {}, true],
    ['this machine by IPv6', { from: '::1', headers: { host: '[::1]:3000' } }, true],
    ['another machine', { from: '192.0.2.1' }, false],
    ['another machine through a proxy on this machine', through({ 'x-forwarded-for': '192.0.2.1' }), false],
    ['another machine through a proxy that only announces itself', through({ via: '1.1 proxy' }), false],
    ['another machine through nginx as it is by default', { httpVersion: '1.0' }, false],
    ['a foreign name that resolves to this machine', { headers: { host: 'evil.example' } }, false],
    ['a page of another origin on this machine', through({ origin: 'https://example.com' }), false],
    ['an unknown address', { from: undefined }, false],
  ])('%s', (_, more, allowed) => {
    expect(isAllowed({ ...local, ...more })).toBe(allowed);
  });

  it('nothing is accepted while a proxy forwards requests of others', () => {
    expect(makeAccessCheck({ basic: undefined, token: undefined, isProxied: true })(local)).toBe(false);
  });

  it('a request to a foreign name, or forwarded, is refused over a socket, and blocks no one', async () => {
    const access = { basic: undefined, token: undefined };
    const { server, accepted } = await startEndpoint({ access });
    const body = JSON.stringify(customer(1));
    const send = (version: string, ...headers: string[]) =>
      sendRaw(server.url, [`POST /webhooks/bloomreach/loyalty/create HTTP/${version}`, ...headers], body);
    for (let tries = 0; tries < 25; tries += 1) {
      expect(await send('1.1', 'Host: rebound.example')).toContain('UNAUTHORIZED');
    }
    expect(await send('1.0')).toContain('WEBHOOK_TOKEN');
    expect(await send('1.1', 'Via: 1.1 proxy')).toContain('UNAUTHORIZED');
    expect(accepted).toEqual([]);
    expect(await send('1.1', 'Content-Type: application/json')).toContain('"success":true');
  });
});

function guesses(count: number, passedBefore = false) {
  let now = 0;
  const logins = makeFailedLogins(makeMonotonicClock(() => now));
  if (passedBefore) logins.succeeded('a');
  const answers = Array.from({ length: count }, () => logins.failed('a'));
  return { logins, answers, wait: (ms: number) => (now += ms) };
}

describe('wrong credentials', () => {
  it('block an address after twenty, and no other', () => {
    const { logins, answers } = guesses(22);
    expect(answers.slice(-4)).toEqual(['counted', 'counted', 'limit', 'over']);
    expect([logins.isBlocked('a'), logins.isBlocked('b')]).toEqual([true, false]);
  });

  it('are forgotten after a minute', () => {
    const { logins, wait } = guesses(30);
    wait(59_999);
    expect(logins.isBlocked('a')).toBe(true);
    wait(1);
    expect(logins.isBlocked('a')).toBe(false);
    expect(logins.failed('a')).toBe('counted');
  });

  it('do not block an address that sent the right ones within a day', () => {
    const { logins, wait } = guesses(30, true);
    expect(logins.isBlocked('a')).toBe(false);
    wait(24 * 60 * 60_000);
    for (let tries = 0; tries < 30; tries += 1) logins.failed('a');
    expect(logins.isBlocked('a')).toBe(true);
  });

  it('block a guesser even with the right ones, while a known sender is served', async () => {
    const guesser = await startEndpoint();
    const known = await startEndpoint();
    await known.send({});
    for (const { send } of [guesser, known]) {
      for (let tries = 0; tries < 25; tries += 1)
        await send({ headers: { authorization: basicAuth('user', String(tries)) } });
    }
    expect(await guesser.send({ body: customer(1) })).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
    });
    expect(await known.send({ body: customer(1) })).toMatchObject({ status: 200, body: { success: true } });
    expect(guesser.accepted).toEqual([]);
  });
});

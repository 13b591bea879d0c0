/** Which requests are allowed, and how many wrong credentials an address may send. */

import { describe, expect, it } from 'vitest';
import { makeMonotonicClock } from '../../../src/kit/clock.ts';
import { makeAccessCheck } from '../../../src/web/webhooks/credentials.ts';
import { makeFailedLogins } from '../../../src/web/auth/failed-logins.ts';
import { basicAuth } from '../../support/basic-auth.ts';
import { customer, startEndpoint } from './endpoint-under-test.ts';

describe('with credentials', () => {
  const isAllowed = makeAccessCheck({ basic: { username: 'user', password: 'pä:ss' }, token: 'token' });
  it.each([
    ['Basic credentials', basicAuth('user', 'pä:ss'), true],
    ['a bearer token', 'Bearer token', true],
    ['a scheme in another case', 'bearer  token', true],
    ['a wrong password', basicAuth('user', 'pä:s'), false],
    ['a token as Basic credentials', 'Basic token', false],
    ['a token in another case', 'Bearer TOKEN', false],
    ['no credentials', '', false],
  ])('%s', (_, authorization, allowed) => {
    expect(isAllowed({ headers: { authorization }, from: '192.0.2.1' })).toBe(allowed);
    expect(isAllowed({ headers: { authorization }, from: '127.0.0.1' })).toBe(allowed);
  });
});

describe('without credentials', () => {
  const isAllowed = makeAccessCheck({ basic: undefined, token: undefined });
  it.each([
    ['this machine', '127.0.0.1', {}, true],
    ['this machine by IPv6', '::1', {}, true],
    ['another machine', '192.0.2.1', {}, false],
    [
      'another machine through a proxy on this machine',
      '127.0.0.1',
      { 'x-forwarded-for': '192.0.2.1' },
      false,
    ],
    ['a page of another origin on this machine', '127.0.0.1', { origin: 'https://example.com' }, false],
    ['an unknown address', undefined, {}, false],
  ])('%s', (_, from, headers, allowed) => {
    expect(isAllowed({ headers, from })).toBe(allowed);
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

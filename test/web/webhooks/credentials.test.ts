/** Who may enter, and how long somebody may guess. */

import { describe, expect, it } from 'vitest';
import { makeGuard } from '../../../src/web/webhooks/credentials.ts';
import { makeFailedLogins } from '../../../src/web/auth/failed-logins.ts';
import { customer, startEndpoint } from './endpoint-under-test.ts';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('with credentials', () => {
  const mayEnter = makeGuard({ basic: { username: 'user', password: 'pä:ss' }, token: 'token' });
  it.each([
    ['the pair', basic('user:pä:ss'), true],
    ['the token', 'Bearer token', true],
    ['a scheme in other capitals', 'bearer  token', true],
    ['another password', basic('user:pä:s'), false],
    ['a token as a pair', 'Basic token', false],
    ['a token in other capitals', 'Bearer TOKEN', false],
    ['nothing', '', false],
  ])('%s', (_, authorization, enters) => {
    expect(mayEnter({ headers: { authorization }, from: '192.0.2.1' })).toBe(enters);
    expect(mayEnter({ headers: { authorization }, from: '127.0.0.1' })).toBe(enters);
  });
});

describe('without credentials', () => {
  const mayEnter = makeGuard({ basic: undefined, token: undefined });
  it.each([
    ['this machine', '127.0.0.1', {}, true],
    ['this machine by IPv6', '::1', {}, true],
    ['another machine', '192.0.2.1', {}, false],
    ['another machine behind a proxy on this one', '127.0.0.1', { 'x-forwarded-for': '192.0.2.1' }, false],
    ['a page in a browser on this one', '127.0.0.1', { origin: 'https://example.com' }, false],
    ['nobody knows who', undefined, {}, false],
  ])('%s', (_, from, headers, enters) => {
    expect(mayEnter({ headers, from })).toBe(enters);
  });
});

function guesses(count: number, passedBefore = false) {
  let now = 0;
  const logins = makeFailedLogins(() => now);
  if (passedBefore) logins.passed('a');
  const answers = Array.from({ length: count }, () => logins.failed('a'));
  return { logins, answers, wait: (ms: number) => (now += ms) };
}

describe('wrong credentials', () => {
  it('shut an address out after twenty, and no other', () => {
    const { logins, answers } = guesses(22);
    expect(answers.slice(-4)).toEqual(['counted', 'counted', 'limit', 'over']);
    expect([logins.isShutOut('a'), logins.isShutOut('b')]).toEqual([true, false]);
  });

  it('are forgotten after a minute', () => {
    const { logins, wait } = guesses(30);
    wait(59_999);
    expect(logins.isShutOut('a')).toBe(true);
    wait(1);
    expect(logins.isShutOut('a')).toBe(false);
    expect(logins.failed('a')).toBe('counted');
  });

  it('do not shut out who came with the right ones within a day', () => {
    const { logins, wait } = guesses(30, true);
    expect(logins.isShutOut('a')).toBe(false);
    wait(24 * 60 * 60_000);
    for (let tries = 0; tries < 30; tries += 1) logins.failed('a');
    expect(logins.isShutOut('a')).toBe(true);
  });

  it('are told at the door: a guesser is not even told of a hit, a known sender is served', async () => {
    const guesser = await startEndpoint();
    const known = await startEndpoint();
    await known.send({});
    for (const { send } of [guesser, known]) {
      for (let tries = 0; tries < 25; tries += 1)
        await send({ headers: { authorization: basic(`user:${tries}`) } });
    }
    expect(await guesser.send({ body: customer(1) })).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
    });
    expect(await known.send({ body: customer(1) })).toMatchObject({ status: 200, body: { success: true } });
    expect(guesser.taken).toEqual([]);
  });
});

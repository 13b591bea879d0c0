/** Cross-site request forgery: other sites that try to act as a signed-in operator. */

import { describe, expect, it } from 'vitest';
import { basic, openScope } from './guarded-scope.ts';

const form = { reason: 'forged' };

describe('remembered Basic credentials', () => {
  const crossSite: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];

  it.each(crossSite)('are refused from another site: %o', async (headers) => {
    const { browser, done } = await openScope();
    const answer = await browser().send('/change', {
      method: 'POST',
      form,
      headers: { ...basic('iva'), ...headers },
    });
    expect([answer.status, done]).toEqual([403, []]);
  });

  it('are accepted from our own pages and from scripts', async () => {
    const { browser, done, url } = await openScope();
    const ours = { ...basic('iva'), origin: url, 'sec-fetch-site': 'same-origin' };
    expect(await browser().send('/change', { method: 'POST', form, headers: ours })).toMatchObject({
      status: 200,
    });
    expect(await browser().send('/change', { method: 'POST', form, headers: basic('iva') })).toMatchObject({
      status: 200,
    });
    expect(done).toEqual(['iva', 'iva']);
  });
});

describe('a request for Basic credentials', () => {
  it('is sent to scripts, and never opens the password dialog of a browser', async () => {
    const { browser } = await openScope();
    const challenge = async (path: string, headers: Record<string, string>) =>
      (await browser().send(path, { headers })).headers['www-authenticate'];
    expect(await challenge('/api/things', {})).toMatch(/^Basic /);
    expect(await challenge('/api/things', { accept: 'text/html,*/*;q=0.8' })).toBeUndefined();
    expect(await challenge('/api/things', { 'sec-fetch-site': 'same-origin' })).toBeUndefined();
    expect(await challenge('/api/things', { referer: 'http://127.0.0.1/' })).toBeUndefined();
  });
});

describe('a session', () => {
  it('changes nothing without the CSRF token, with a wrong one, or with that of another session', async () => {
    const { signedIn, done } = await openScope();
    const [iva, other] = [await signedIn(), await signedIn()];
    for (const token of ['', 'made-up', `${iva.token()}x`, other.token()])
      expect(await iva.send('/change', { method: 'POST', form: { _csrf: token } })).toMatchObject({
        status: 403,
      });
    expect(done).toEqual([]);
    expect(await iva.send('/change', { method: 'POST', form: {} })).toMatchObject({ status: 200 });
    const headers = { 'csrf-token': iva.token() };
    expect(await iva.send('/change', { method: 'POST', form: { _csrf: '' }, headers })).toMatchObject({
      status: 200,
    });
  });
});

/** Pages of elsewhere that try to act in the name of somebody who has signed in. */

import { describe, expect, it } from 'vitest';
import { basic, openScope } from './guarded-scope.ts';

const form = { why: 'lured' };

describe('a browser that remembers a name and password', () => {
  const lured: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];

  it.each(lured)('changes nothing for a page of elsewhere: %o', async (headers) => {
    const { browser, done } = await openScope();
    const answer = await browser().send('/act', {
      method: 'POST',
      form,
      headers: { ...basic('iva'), ...headers },
    });
    expect([answer.status, done]).toEqual([403, []]);
  });

  it('does for pages of ours, and for scripts', async () => {
    const { browser, done, url } = await openScope();
    const ours = { ...basic('iva'), origin: url, 'sec-fetch-site': 'same-origin' };
    expect(await browser().send('/act', { method: 'POST', form, headers: ours })).toMatchObject({
      status: 200,
    });
    expect(await browser().send('/act', { method: 'POST', form, headers: basic('iva') })).toMatchObject({
      status: 200,
    });
    expect(done).toEqual(['iva', 'iva']);
  });
});

describe('a name and password', () => {
  it('are asked of scripts, and never by the window of a browser', async () => {
    const { browser } = await openScope();
    const asked = async (path: string, headers: Record<string, string>) =>
      (await browser().send(path, { headers })).headers['www-authenticate'];
    expect(await asked('/api/things', {})).toMatch(/^Basic /);
    expect(await asked('/api/things', { accept: 'text/html,*/*;q=0.8' })).toBeUndefined();
    expect(await asked('/api/things', { 'sec-fetch-site': 'same-origin' })).toBeUndefined();
    expect(await asked('/api/things', { referer: 'http://127.0.0.1/' })).toBeUndefined();
  });
});

describe('a session', () => {
  it('changes nothing without the token, with another one, or with that of another session', async () => {
    const { signedIn, done } = await openScope();
    const [iva, other] = [await signedIn(), await signedIn()];
    for (const token of ['', 'made-up', `${iva.token()}x`, other.token()])
      expect(await iva.send('/act', { method: 'POST', form: { _csrf: token } })).toMatchObject({
        status: 403,
      });
    expect(done).toEqual([]);
    expect(await iva.send('/act', { method: 'POST', form: {} })).toMatchObject({ status: 200 });
    const headers = { 'csrf-token': iva.token() };
    expect(await iva.send('/act', { method: 'POST', form: { _csrf: '' }, headers })).toMatchObject({
      status: 200,
    });
  });
});

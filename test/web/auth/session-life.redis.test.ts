/** Lifetime of sessions, and that an ended session stays ended. */

import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { openScope, PASSWORD } from './guarded-scope.ts';

const HOUR_MS = 60 * 60_000;

describe('a session', () => {
  it('ends 24 h after the sign-in, even if it is in use', async () => {
    const { signedIn, clock } = await openScope();
    const iva = await signedIn();
    clock.now += 24 * HOUR_MS - 1000;
    expect(await iva.send('/')).toMatchObject({ status: 200 });
    clock.now += 2000;
    expect(await iva.send('/')).toMatchObject({ status: 303, headers: { location: '/sign-in?to=%2F' } });
  });

  it('expires 8 h after the last request', async () => {
    const { signedIn, redis, sessionKeys } = await openScope();
    const iva = await signedIn();
    const [key = ''] = await sessionKeys();
    await redis.pexpire(key, HOUR_MS);
    await iva.send('/api/things');
    expect(await redis.pttl(key)).toBeGreaterThan(7.9 * HOUR_MS);
    expect(await redis.pttl(key)).toBeLessThanOrEqual(8 * HOUR_MS);
    await redis.pexpire(key, 1);
    await eventually(async () => expect(await redis.exists(key)).toBe(0));
    expect(await iva.send('/')).toMatchObject({ status: 303 });
  });

  it('ends on sign-out, also for a request in progress', async () => {
    const { signedIn, slow, records } = await openScope();
    const iva = await signedIn();
    const signedOut = iva.cookies.get('passbridge') ?? '';
    let release: (() => void) | undefined;
    slow.until = new Promise<void>((resolve) => (release = resolve));
    const inProgress = iva.send('/');
    expect(await iva.send('/sign-out', { method: 'POST', form: {} })).toMatchObject({
      status: 303,
      headers: { location: '/sign-in' },
    });
    release?.();
    await inProgress;
    iva.cookies.set('passbridge', signedOut);
    expect(await iva.send('/')).toMatchObject({ status: 303 });
    expect(records.at(-1)).toMatchObject({ action: 'operator.sign-out', by: 'iva' });
  });

  it('gets a new id on sign-in, and the id from before is not signed in', async () => {
    const { browser, sessionKeys } = await openScope();
    const iva = browser();
    await iva.send('/sign-in');
    const planted = iva.cookies.get('passbridge') ?? '';
    expect(planted).not.toBe('');
    await iva.signIn('iva', PASSWORD);
    const thief = browser();
    thief.cookies.set('passbridge', planted);
    expect(await thief.send('/')).toMatchObject({ status: 303 });
    // The keys in Redis do not reveal the cookie either.
    const [id = ''] = decodeURIComponent(iva.cookies.get('passbridge') ?? '').split('.');
    expect((await sessionKeys()).join()).not.toContain(id);
  });

  it('is not opened by a forged cookie', async () => {
    const { browser } = await openScope();
    for (const value of ['x', 'x.y', 'undefined', '%00', encodeURIComponent('a.b+c/d=')]) {
      const one = browser();
      one.cookies.set('passbridge', value);
      expect(await one.send('/')).toMatchObject({ status: 303 });
    }
  });
});

describe('the sign-in page', () => {
  it('limits visits per address, and their sessions expire after an hour', async () => {
    const { browser, redis, sessionKeys } = await openScope();
    const statuses = new Set<number>();
    for (let visits = 0; visits < 130; visits += 1) statuses.add((await browser().send('/sign-in')).status);
    expect([...statuses]).toEqual([200, 429]);
    const keys = await sessionKeys();
    expect(keys.length).toBeLessThanOrEqual(120);
    expect(await redis.pttl(keys[0] ?? '')).toBeLessThanOrEqual(HOUR_MS);
  });

  it('counts visits per client behind a trusted proxy', async () => {
    const { browser } = await openScope({ trustProxy: 'loopback' });
    const visit = async (client: string) =>
      (await browser().send('/sign-in', { headers: { 'x-forwarded-for': client } })).status;
    let last = 200;
    for (let visits = 0; visits < 125 && last === 200; visits += 1) last = await visit('203.0.113.5');
    expect(last).toBe(429);
    expect(await visit('203.0.113.6')).toBe(200);
  });

  it('works again after its session has expired', async () => {
    const { browser, redis, sessionKeys } = await openScope();
    const iva = browser();
    await iva.send('/sign-in?to=/api/things');
    await redis.del(await sessionKeys());
    const form = { name: 'iva', password: PASSWORD, to: '/api/things' };
    const late = await iva.send('/sign-in', { method: 'POST', form });
    expect(late).toMatchObject({ status: 403, text: expect.stringContaining('role="alert"') });
    expect(late.text).toContain('value="iva"');
    expect(late.text).not.toContain(PASSWORD);
    expect(await iva.send('/sign-in', { method: 'POST', form })).toMatchObject({
      status: 303,
      headers: { location: '/api/things' },
    });
  });
});

describe('a request after the session has ended', () => {
  it('leads to the sign-in page and back to the same page', async () => {
    const { browser, url } = await openScope();
    const ended = async (path: string, headers: Record<string, string>, method: 'GET' | 'POST' = 'GET') =>
      browser().send(path, { method, headers, ...(method === 'POST' && { form: {} }) });
    const part = { 'hx-request': 'true', 'hx-current-url': `${url}/campaigns?page=2#rows` };
    expect(await ended('/', part)).toMatchObject({
      status: 401,
      headers: { 'hx-redirect': '/sign-in?to=%2Fcampaigns%3Fpage%3D2' },
    });
    expect(
      await ended('/change', { ...part, 'hx-current-url': 'https://evil.example/' }, 'POST'),
    ).toMatchObject({
      status: 401,
      headers: { 'hx-redirect': '/sign-in?to=%2F' },
    });
    const page = { accept: 'text/html', referer: `${url}/campaigns/7` };
    expect(await ended('/change', page, 'POST')).toMatchObject({
      status: 303,
      headers: { location: '/sign-in?to=%2Fcampaigns%2F7' },
    });
  });
});

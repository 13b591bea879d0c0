/** How long a session lasts, and that nothing brings it back. */

import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { openScope, PASSWORD } from './guarded-scope.ts';

const HOUR_MS = 60 * 60_000;

describe('a session', () => {
  it('ends a day after its sign-in, however busy', async () => {
    const { signedIn, clock } = await openScope();
    const iva = await signedIn();
    clock.now += 24 * HOUR_MS - 1000;
    expect(await iva.send('/')).toMatchObject({ status: 200 });
    clock.now += 2000;
    expect(await iva.send('/')).toMatchObject({ status: 303, headers: { location: '/sign-in?to=%2F' } });
  });

  it('lasts eight hours more with every request, and no longer', async () => {
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

  it('is over when somebody signs out, also for a request that was under way', async () => {
    const { signedIn, slow, noted } = await openScope();
    const iva = await signedIn();
    const again = iva.cookies.get('passbridge') ?? '';
    let release: (() => void) | undefined;
    slow.held = new Promise<void>((resolve) => (release = resolve));
    const underWay = iva.send('/');
    expect(await iva.send('/sign-out', { method: 'POST', form: {} })).toMatchObject({
      status: 303,
      headers: { location: '/sign-in' },
    });
    release?.();
    await underWay;
    iva.cookies.set('passbridge', again);
    expect(await iva.send('/')).toMatchObject({ status: 303 });
    expect(noted.at(-1)).toMatchObject({ act: 'operator.sign-out', by: 'iva' });
  });

  it('is another one after signing in, and what it was before is none', async () => {
    const { browser, sessionKeys } = await openScope();
    const iva = browser();
    await iva.send('/sign-in');
    const planted = iva.cookies.get('passbridge') ?? '';
    expect(planted).not.toBe('');
    await iva.signIn('iva', PASSWORD);
    const thief = browser();
    thief.cookies.set('passbridge', planted);
    expect(await thief.send('/')).toMatchObject({ status: 303 });
    // Nor does Redis hold anything that could be sent as a cookie.
    const [id = ''] = decodeURIComponent(iva.cookies.get('passbridge') ?? '').split('.');
    expect((await sessionKeys()).join()).not.toContain(id);
  });

  it('is none with a cookie that is made up', async () => {
    const { browser } = await openScope();
    for (const value of ['x', 'x.y', 'undefined', '%00', encodeURIComponent('a.b+c/d=')]) {
      const one = browser();
      one.cookies.set('passbridge', value);
      expect(await one.send('/')).toMatchObject({ status: 303 });
    }
  });
});

describe('whoever only looks at the sign-in page', () => {
  it('takes little room, and not for long', async () => {
    const { browser, redis, sessionKeys } = await openScope();
    const statuses = new Set<number>();
    for (let visits = 0; visits < 130; visits += 1) statuses.add((await browser().send('/sign-in')).status);
    expect([...statuses]).toEqual([200, 429]);
    const keys = await sessionKeys();
    expect(keys.length).toBeLessThanOrEqual(120);
    expect(await redis.pttl(keys[0] ?? '')).toBeLessThanOrEqual(HOUR_MS);
  });

  it('may leave it open for as long as they like', async () => {
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

describe('whose session has ended', () => {
  it('comes back to the page that they were on', async () => {
    const { browser, url } = await openScope();
    const ended = async (path: string, headers: Record<string, string>, method: 'GET' | 'POST' = 'GET') =>
      browser().send(path, { method, headers, ...(method === 'POST' && { form: {} }) });
    const part = { 'hx-request': 'true', 'hx-current-url': `${url}/campaigns?page=2#rows` };
    expect(await ended('/', part)).toMatchObject({
      status: 401,
      headers: { 'hx-redirect': '/sign-in?to=%2Fcampaigns%3Fpage%3D2' },
    });
    expect(await ended('/act', { ...part, 'hx-current-url': 'https://evil.example/' }, 'POST')).toMatchObject(
      {
        status: 401,
        headers: { 'hx-redirect': '/sign-in?to=%2F' },
      },
    );
    const page = { accept: 'text/html', referer: `${url}/campaigns/7` };
    expect(await ended('/act', page, 'POST')).toMatchObject({
      status: 303,
      headers: { location: '/sign-in?to=%2Fcampaigns%2F7' },
    });
  });
});

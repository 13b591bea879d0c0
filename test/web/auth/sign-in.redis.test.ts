import { describe, expect, it } from 'vitest';
import { streamOf } from '../../support/live.ts';
import { eventually } from '../../support/eventually.ts';
import { openGuarded, openUnguarded, PASSWORD } from './guarded.ts';
import { sendRaw } from '../../support/raw-request.ts';
import { makeBrowser } from './browser.ts';
import { basic } from './guarded-scope.ts';

const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

/** Returns a path that matches the route. */
const concrete = (path: string) => path.replaceAll(/:\w+/g, 'some').replaceAll('*', 'some');

/** Removes the values of a page that differ between responses. */
const bare = (text: string) => text.replaceAll(/(content|value)="[^"]*"|hx-headers:inherited="[^"]*"/g, '');

describe('without a sign-in', () => {
  it('serves only the sign-in page and its assets', async () => {
    const { server, browser } = await openGuarded();
    const open = server.routes.filter(({ role }) => role === 'anyone').map(({ path }) => path);
    expect([...new Set(open)].toSorted()).toEqual(['/assets/:version/:name', '/sign-in', '/sign-out']);
    const closed = server.routes.filter(({ role }) => role !== 'anyone');
    expect(closed.length).toBeGreaterThan(40);
    for (const { method, path } of closed) {
      const answer = await browser().send(concrete(path), { method: method as 'GET' });
      expect([method, path, [303, 401].includes(answer.status)]).toEqual([method, path, true]);
      expect(answer.headers['location'] ?? '/sign-in?to=').toMatch(/^\/sign-in\?to=/);
      expect(answer.text).not.toContain('<h1>Campaigns');
    }
    expect(await browser().send('/no/such/page')).toMatchObject({ status: 303 });
    expect(await browser().send('/api/no-such')).toMatchObject({ status: 401 });
  });

  it('returns to the requested page, and never to another site', async () => {
    const { browser } = await openGuarded();
    const sent = await browser().send('/campaigns?page=2');
    expect(sent.headers['location']).toBe('/sign-in?to=%2Fcampaigns%3Fpage%3D2');
    const targets = {
      '/campaigns?page=2': '/campaigns?page=2',
      '//evil.example': '/',
      '/\\evil.example': '/',
      'https://evil.example/': '/',
      '/\t/evil.example': '/',
    };
    for (const [to, target] of Object.entries(targets)) {
      const { status, headers } = await browser().signIn('viewer', PASSWORD, to);
      expect([to, status, headers['location']]).toEqual([to, 303, target]);
    }
  });

  it('reveals nothing about a wrong password, and blocks after too many', async () => {
    const { browser, passbridge } = await openGuarded();
    const wrong = await browser().signIn('admin', 'wrong horse battery');
    const unknownName = await browser().signIn('unknown', 'wrong horse battery');
    expect([wrong.status, unknownName.status]).toEqual([401, 401]);
    expect(bare(wrong.text)).toBe(bare(unknownName.text));
    let last = 401;
    for (let tries = 0; tries < 25 && last === 401; tries += 1)
      last = (await browser().signIn('admin', `wrong ${tries}`)).status;
    expect(last).toBe(429);
    expect(await browser().signIn('admin', PASSWORD)).toMatchObject({ status: 429 });
    await eventually(async () => {
      const { entries } = await passbridge.stores.audit.page({ limit: 50 });
      expect(entries.at(-1)).toMatchObject({ action: 'operator.refused', by: 'admin', target: '127.0.0.1' });
    });
  });
});

describe('with a sign-in', () => {
  it('refuses every route that needs a higher role', async () => {
    const { server, signedIn } = await openGuarded();
    const viewer = await signedIn('viewer');
    expect(await viewer.send('/campaigns')).toMatchObject({ status: 200 });
    const changing = server.routes.filter(
      ({ method, role }) => !['GET', 'HEAD', 'OPTIONS'].includes(method) && role !== 'anyone',
    );
    expect(changing.length).toBeGreaterThan(15);
    for (const { method, path } of changing) {
      const answer = await viewer.send(concrete(path), {
        method: method as 'POST',
        form: {},
        headers: { 'csrf-token': viewer.token() },
      });
      expect([method, path, answer.status]).toEqual([method, path, 403]);
      expect(answer.text).toContain('You are signed in as viewer (viewer)');
    }
    const operator = await signedIn('operator');
    const forAdmins = server.routes.filter(({ role }) => role === 'admin');
    expect(forAdmins.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/settings/diagnostics', '/api/diagnostics']),
    );
    for (const { method, path } of forAdmins) {
      const answer = await operator.send(concrete(path), { method: method as 'GET' });
      expect([method, path, answer.status]).toEqual([method, path, 403]);
    }
  });

  it('shows only admins the diagnostics', async () => {
    const { signedIn } = await openGuarded();
    const [operator, admin] = [await signedIn('operator'), await signedIn('admin')];
    expect(await admin.send('/settings/diagnostics')).toMatchObject({
      status: 200,
      text: expect.stringMatching(/<h2 id="queues">Queues<\/h2>/),
    });
    for (const path of ['/settings/diagnostics', '/api/diagnostics'])
      expect([path, (await operator.send(path)).status]).toEqual([path, 403]);
    expect((await operator.send('/campaigns')).text).not.toContain('/diagnostics');
  });

  it('needs the CSRF token of a page to change something', async () => {
    const { signedIn } = await openGuarded();
    const operator = await signedIn('operator');
    await operator.send('/campaigns');
    const reset = (form: Record<string, string>) =>
      operator.send('/settings/limits', { method: 'POST', form: { step: 'reset', ...form } });
    expect(await reset({ _csrf: '' })).toMatchObject({ status: 403 });
    expect(await reset({ _csrf: `${operator.token()}x` })).toMatchObject({
      status: 403,
      text: expect.stringContaining('This form has expired'),
    });
    const other = await signedIn('operator');
    await other.send('/campaigns');
    expect(await reset({ _csrf: other.token() })).toMatchObject({ status: 403 });
    expect(await reset({})).toMatchObject({ status: 303 });
  });

  it('keeps the session in an HttpOnly cookie until sign-out', async () => {
    const { browser, server } = await openGuarded({ PUBLIC_URL: 'https://cards.example.com' });
    const one = browser();
    await one.send('/sign-in');
    const before = one.cookies.get('passbridge');
    const { headers } = await one.signIn('viewer', PASSWORD);
    expect(String(headers['set-cookie'])).toMatch(/HttpOnly/i);
    expect(String(headers['set-cookie'])).toMatch(/SameSite=Lax/i);
    expect(String(headers['set-cookie'])).toMatch(/; Secure/);
    const session = one.cookies.get('passbridge') ?? '';
    expect(session).not.toBe(before);
    const fixed = browser();
    fixed.cookies.set('passbridge', before ?? '');
    expect(await fixed.send('/campaigns')).toMatchObject({ status: 303 });
    await one.send('/campaigns');
    const stream = await fetch(streamOf(server.url, '/campaigns'), {
      headers: { cookie: `passbridge=${session}` },
    });
    await one.send('/sign-out', { method: 'POST', form: {} });
    const reader = stream.body!.getReader();
    await eventually(async () => expect((await reader.read()).done).toBe(true), 10_000);
    one.cookies.set('passbridge', session);
    expect(await one.send('/campaigns')).toMatchObject({ status: 303 });
  });

  it('ends immediately if the operator is removed or gets another role', async () => {
    const { operators, signedIn, server } = await openGuarded();
    const [viewer, operator] = [await signedIn('viewer'), await signedIn('operator')];
    const stream = await fetch(streamOf(server.url, '/campaigns'), {
      headers: { cookie: `passbridge=${viewer.cookies.get('passbridge')}` },
    });
    expect(stream.status).toBe(200);
    operators.all.delete('viewer');
    operators.all.set('operator', { role: 'viewer', password: operators.all.get('operator')!.password });
    await operators.save();
    expect(await viewer.send('/campaigns')).toMatchObject({ status: 303 });
    expect(await operator.send('/campaigns')).toMatchObject({ status: 303 });
    // With an unreadable file the previous operators stay valid.
    await operators.spoil();
    const admin = await signedIn('admin');
    expect(await admin.send('/campaigns')).toMatchObject({ status: 200 });
    const reader = stream.body!.getReader();
    await eventually(async () => expect((await reader.read()).done).toBe(true), 20_000);
  });

  it('accepts Basic credentials from scripts', async () => {
    const { browser } = await openGuarded();
    expect(await browser().send('/api/campaigns', { headers: basic('viewer', PASSWORD) })).toMatchObject({
      status: 200,
    });
    expect(await browser().send('/api/campaigns', { headers: basic('viewer', 'wrong') })).toMatchObject({
      status: 401,
    });
    expect(
      await browser().send('/settings/limits', {
        method: 'POST',
        form: { step: 'reset' },
        headers: basic('operator', PASSWORD),
      }),
    ).toMatchObject({ status: 303 });
  });
});

describe('without operators configured', () => {
  it('serves who has the printed address, from this machine, by its own name and from its own pages', async () => {
    const { browser, server, signedIn, token, passbridge } = await openUnguarded();
    const { host } = new URL(server.url);
    const stranger = browser();
    expect(await stranger.send('/campaigns')).toMatchObject({ status: 303 });
    expect(await stranger.send('/api/campaigns')).toMatchObject({ status: 401 });
    expect(await stranger.send('/settings/diagnostics')).toMatchObject({ status: 303 });
    expect(await stranger.send(`/sign-in?token=${token.slice(0, -1)}`)).toMatchObject({
      status: 401,
      text: expect.stringContaining('not the access token'),
    });
    expect(await stranger.send('/campaigns')).toMatchObject({ status: 303 });

    const one = browser();
    expect(await one.send(`/sign-in?token=${token}&to=/campaigns`)).toMatchObject({
      status: 303,
      headers: { location: '/campaigns' },
    });
    expect(await one.send('/campaigns')).toMatchObject({
      status: 200,
      text: expect.stringContaining('>Admin<'),
    });
    const reset = { step: 'reset' };
    expect(await one.send('/settings/limits', { method: 'POST', form: reset })).toMatchObject({
      status: 303,
    });
    expect(
      await one.send('/settings/limits', { method: 'POST', form: { ...reset, _csrf: '' } }),
    ).toMatchObject({
      status: 403,
    });
    const { entries } = await passbridge.stores.audit.page({ limit: 10 });
    expect(entries.map(({ action }) => action)).toEqual([
      'limits.reset',
      'operator.sign-in',
      'operator.refused',
    ]);

    const remote: Record<string, string>[] = [
      { 'x-forwarded-for': '10.0.0.1' },
      { forwarded: 'for=10.0.0.1' },
      { via: '1.1 proxy' },
      { 'x-forwarded-proto': 'https' },
      { 'x-forwarded-host': 'cards.example.com' },
      { 'cf-connecting-ip': '203.0.113.5' },
      { host: 'evil.example' },
      { origin: 'https://evil.example' },
    ];
    for (const headers of remote) {
      expect([headers, (await one.send('/campaigns', { headers })).status]).toEqual([headers, 403]);
      const visit = await browser().send(`/sign-in?token=${token}`, { headers });
      expect([headers, visit.status]).toEqual([headers, 403]);
    }
    expect(await one.send('/campaigns', { headers: { origin: `http://${host}` } })).toMatchObject({
      status: 200,
    });
    // The session of a program that forgot its cookies, and the token pasted into the form.
    const pasted = browser();
    await pasted.send('/sign-in');
    expect(await pasted.send('/sign-in', { method: 'POST', form: { token, to: '/' } })).toMatchObject({
      status: 303,
    });
    expect(await pasted.send('/campaigns')).toMatchObject({ status: 200 });
    await (await signedIn()).send('/sign-out', { method: 'POST', form: {} });
  });

  it('refuses every request through nginx as it is by default', async () => {
    const { server, token, signedIn } = await openUnguarded();
    const one = await signedIn();
    const cookie = `Cookie: passbridge=${one.cookies.get('passbridge')}`;
    for (const headers of [[], [cookie], [`Authorization: Bearer ${token}`]]) {
      const answer = await sendRaw(server.url, ['GET /api/overview HTTP/1.0', ...headers], '');
      expect(answer).toMatch(/^HTTP\/1\.1 403/);
    }
  });

  it('accepts the token from scripts, and only from its own process', async () => {
    const { browser, token, signedIn, passbridge, programs } = await openUnguarded();
    expect(await browser().send('/api/campaigns', { headers: bearer(token) })).toMatchObject({ status: 200 });
    expect(await browser().send('/api/campaigns', { headers: bearer('x') })).toMatchObject({ status: 401 });
    const form = { step: 'reset' };
    expect(
      await browser().send('/settings/limits', { method: 'POST', form, headers: bearer(token) }),
    ).toMatchObject({
      status: 303,
    });
    // A restarted process has another token, and open pages continue.
    const one = await signedIn();
    const other = await passbridge.startWeb({ programs, schedules: new Map() }, () => new Map());
    const elsewhere = makeBrowser(other.url);
    elsewhere.cookies.set('passbridge', one.cookies.get('passbridge') ?? '');
    expect(await elsewhere.send('/campaigns')).toMatchObject({ status: 200 });
    expect(await elsewhere.send('/api/campaigns', { headers: bearer(token) })).toMatchObject({ status: 401 });
  });

  it.each<[string, Record<string, string>]>([
    ['PUBLIC_URL', { PUBLIC_URL: 'https://cards.example.com' }],
    ['HOST', { HOST: '0.0.0.0' }],
    ['TRUST_PROXY', { TRUST_PROXY: 'loopback' }],
  ])('is off, with the remedy, if %s lets others reach the server', async (setting, env) => {
    const { browser, server } = await openUnguarded(env);
    expect(server.dashboard).toEqual({ problem: expect.stringContaining(setting) });
    for (const path of ['/', '/sign-in', '/api/campaigns', '/settings/diagnostics', '/uploads/x']) {
      const answer = await browser().send(path);
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.text).toContain('passbridge operators add');
    }
    expect(await browser().send('/healthz')).toMatchObject({ status: 200 });
  });
});

import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { openGuarded, openUnguarded, PASSWORD } from './guarded.ts';

/** An address that a route of that shape answers at. */
const concrete = (path: string) => path.replaceAll(/:\w+/g, 'some').replaceAll('*', 'some');

/** A page without what differs from one answer to the next. */
const bare = (text: string) => text.replaceAll(/(content|value)="[^"]*"|hx-headers="[^"]*"/g, '');

const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});

describe('whoever has not signed in', () => {
  it('gets nothing but the sign-in page and what it needs', async () => {
    const { server, browser } = await openGuarded();
    const open = server.routes.filter(({ role }) => role === 'anyone').map(({ path }) => path);
    expect([...new Set(open)].toSorted()).toEqual(['/assets/:name', '/sign-in', '/sign-out']);
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

  it('goes back to where they were, and never anywhere else', async () => {
    const { browser } = await openGuarded();
    const sent = await browser().send('/campaigns?page=2');
    expect(sent.headers['location']).toBe('/sign-in?to=%2Fcampaigns%3Fpage%3D2');
    const places = {
      '/campaigns?page=2': '/campaigns?page=2',
      '//evil.example': '/',
      '/\\evil.example': '/',
      'https://evil.example/': '/',
      '/\t/evil.example': '/',
    };
    for (const [to, place] of Object.entries(places)) {
      const { status, headers } = await browser().signIn('viewer', PASSWORD, to);
      expect([to, status, headers['location']]).toEqual([to, 303, place]);
    }
  });

  it('learns nothing from a wrong password, and is turned away after too many', async () => {
    const { browser, passbridge } = await openGuarded();
    const wrong = await browser().signIn('admin', 'wrong horse battery');
    const nobody = await browser().signIn('nobody', 'wrong horse battery');
    expect([wrong.status, nobody.status]).toEqual([401, 401]);
    expect(bare(wrong.text)).toBe(bare(nobody.text));
    let last = 401;
    for (let tries = 0; tries < 25 && last === 401; tries += 1)
      last = (await browser().signIn('admin', `wrong ${tries}`)).status;
    expect(last).toBe(429);
    expect(await browser().signIn('admin', PASSWORD)).toMatchObject({ status: 429 });
    const { entries } = await passbridge.stores.audit.page({ limit: 50 });
    expect(entries.at(-1)).toMatchObject({ act: 'operator.refused', by: 'admin', on: '127.0.0.1' });
  });
});

describe('whoever has signed in', () => {
  it('is refused by the server on everything that takes a higher role', async () => {
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
      expect(answer.text).toContain('viewer is signed in as viewer');
    }
    const operator = await signedIn('operator');
    const forAdmins = server.routes.filter(({ role }) => role === 'admin');
    expect(forAdmins.length).toBeGreaterThan(30);
    for (const { method, path } of forAdmins) {
      const answer = await operator.send(concrete(path), { method: method as 'GET' });
      expect([method, path, answer.status]).toEqual([method, path, 403]);
    }
  });

  it('may look at the raw queues as an admin, and change nothing there', async () => {
    const { server, signedIn } = await openGuarded();
    const admin = await signedIn('admin');
    await admin.send('/campaigns');
    expect(await admin.send('/queues')).toMatchObject({ status: 200 });
    expect((await admin.send('/queues/api/queues')).text).toContain('"readOnlyMode":true');
    const changing = server.routes.filter(
      ({ method, path }) => path.startsWith('/queues') && !['GET', 'HEAD', 'OPTIONS'].includes(method),
    );
    expect(changing.length).toBeGreaterThan(10);
    for (const { method, path } of changing) {
      const answer = await admin.send(concrete(path.replace(':queueName', 'pass')), {
        method: method as 'POST',
        form: {},
        headers: { 'csrf-token': admin.token() },
      });
      expect([method, path, answer.status, answer.text]).toEqual([
        method,
        path,
        405,
        expect.stringContaining('read-only'),
      ]);
    }
  });

  it('changes something only with the token of a page', async () => {
    const { signedIn } = await openGuarded();
    const operator = await signedIn('operator');
    await operator.send('/campaigns');
    const act = (form: Record<string, string>) =>
      operator.send('/limits', { method: 'POST', form: { step: 'reset', ...form } });
    expect(await act({ _csrf: '' })).toMatchObject({ status: 403 });
    expect(await act({ _csrf: `${operator.token()}x` })).toMatchObject({
      status: 403,
      text: expect.stringContaining('Nothing was done'),
    });
    const other = await signedIn('operator');
    await other.send('/campaigns');
    expect(await act({ _csrf: other.token() })).toMatchObject({ status: 403 });
    expect(await act({})).toMatchObject({ status: 303 });
  });

  it('gets a session of their own, kept by a cookie that no script sees, until they sign out', async () => {
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
    const stream = await fetch(`${server.url}/campaigns/live`, {
      headers: { cookie: `passbridge=${session}` },
    });
    await one.send('/sign-out', { method: 'POST', form: {} });
    const reader = stream.body!.getReader();
    await eventually(async () => expect((await reader.read()).done).toBe(true), 10_000);
    one.cookies.set('passbridge', session);
    expect(await one.send('/campaigns')).toMatchObject({ status: 303 });
  });

  it('is out at once where they were removed, or got another role', async () => {
    const { operators, signedIn, server } = await openGuarded();
    const [viewer, operator] = [await signedIn('viewer'), await signedIn('operator')];
    const stream = await fetch(`${server.url}/campaigns/live`, {
      headers: { cookie: `passbridge=${viewer.cookies.get('passbridge')}` },
    });
    expect(stream.status).toBe(200);
    operators.all.delete('viewer');
    operators.all.set('operator', { role: 'viewer', password: operators.all.get('operator')!.password });
    await operators.save();
    expect(await viewer.send('/campaigns')).toMatchObject({ status: 303 });
    expect(await operator.send('/campaigns')).toMatchObject({ status: 303 });
    // A file that cannot be read keeps those from before.
    await operators.spoil();
    const admin = await signedIn('admin');
    expect(await admin.send('/campaigns')).toMatchObject({ status: 200 });
    const reader = stream.body!.getReader();
    await eventually(async () => expect((await reader.read()).done).toBe(true), 20_000);
  });

  it('may be a script that comes with name and password', async () => {
    const { browser } = await openGuarded();
    expect(await browser().send('/api/campaigns', { headers: basic('viewer', PASSWORD) })).toMatchObject({
      status: 200,
    });
    expect(await browser().send('/api/campaigns', { headers: basic('viewer', 'wrong') })).toMatchObject({
      status: 401,
    });
    expect(
      await browser().send('/limits', {
        method: 'POST',
        form: { step: 'reset' },
        headers: basic('operator', PASSWORD),
      }),
    ).toMatchObject({ status: 303 });
  });
});

describe('without operators', () => {
  it('everybody on this machine may do everything, by its own name and from its own pages', async () => {
    const { browser, server } = await openUnguarded();
    const { host } = new URL(server.url);
    const one = browser();
    expect(await one.send('/campaigns')).toMatchObject({
      status: 200,
      text: expect.stringContaining('(admin)'),
    });
    expect((await one.send('/campaigns')).text).not.toContain('Sign out');
    expect(await one.send('/limits', { method: 'POST', form: { step: 'reset' } })).toMatchObject({
      status: 303,
    });
    expect(await one.send('/limits', { method: 'POST', form: { step: 'reset', _csrf: '' } })).toMatchObject({
      status: 403,
    });
    const elsewhere: Record<string, string>[] = [
      { 'x-forwarded-for': '10.0.0.1' },
      { forwarded: 'for=10.0.0.1' },
      { host: 'evil.example' },
      { origin: 'https://evil.example' },
    ];
    for (const headers of elsewhere) {
      expect([headers, (await browser().send('/campaigns', { headers })).status]).toEqual([headers, 403]);
    }
    expect(await browser().send('/campaigns', { headers: { origin: `http://${host}` } })).toMatchObject({
      status: 200,
    });
    expect(await browser().send('/api/campaigns', { headers: { host: 'evil.example' } })).toMatchObject({
      status: 403,
      text: expect.stringContaining('OPERATORS_FILE'),
    });
  });
});

/** Invalid requests: each is refused with a reason, in bounded time, and nothing is lost. */

import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { openGuarded, openUnguarded, PASSWORD } from '../auth/guarded.ts';
import { streamOf } from '../../support/live.ts';

type Browser = ReturnType<Awaited<ReturnType<typeof openUnguarded>>['browser']>;

/** Sends a request of the tus protocol. */
async function tus(url: string, one: Browser, headers: Record<string, string>, body?: string) {
  const cookie = [...one.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return request(url, {
    method: body === undefined ? 'POST' : 'PATCH',
    headers: { 'tus-resumable': '1.0.0', 'csrf-token': one.token(), cookie, ...headers },
    ...(body !== undefined && { body }),
  });
}

/** Creates a draft over an uploaded export. Resolves with its path. */
async function draftWith(url: string, one: Browser, csv: string): Promise<string> {
  await one.send('/campaigns/new');
  const created = await tus(`${url}/uploads`, one, { 'upload-length': String(Buffer.byteLength(csv)) });
  const at = String(created.headers['location']);
  const sent = await tus(
    url + at,
    one,
    { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    csv,
  );
  expect(sent.statusCode).toBe(204);
  const form = { program: 'loyalty', action: 'issue', upload: at.split('/').at(-1) ?? '', name: 'x.csv' };
  const { headers } = await one.send('/campaigns/drafts', { method: 'POST', form });
  return String(headers['location']);
}

describe('a form', () => {
  it('leads to the sign-in page and back if its session has expired', async () => {
    const { signedIn, browser, passbridge } = await openGuarded();
    const one = await signedIn('operator');
    await one.send('/campaigns');
    await passbridge.stores.redis.unlink(
      ...(await passbridge.stores.redis.keys(`${passbridge.stores.prefix}:session:*`)),
    );
    expect(await one.send('/settings/limits', { method: 'POST', form: { step: 'reset' } })).toMatchObject({
      status: 401,
    });
    expect(await one.send('/campaigns')).toMatchObject({
      status: 303,
      headers: { location: '/sign-in?to=%2Fcampaigns' },
    });
    expect(await browser().signIn('operator', PASSWORD, '/campaigns')).toMatchObject({
      headers: { location: '/campaigns' },
    });
  });

  it('is refused if its object no longer exists', async () => {
    const { signedIn } = await openUnguarded();
    const one = await signedIn();
    await one.send('/campaigns');
    expect(await one.send('/campaigns/gone')).toMatchObject({
      status: 404,
      text: expect.stringContaining('may have been deleted'),
    });
    const paths = [
      '/campaigns/gone/pause',
      '/campaigns/drafts/gone/start',
      '/schedules/gone/run',
      '/attention/JOB_BUG.gone/edit',
    ];
    for (const path of paths) {
      const answer = await one.send(path, { method: 'POST', form: {} });
      expect([path, answer.status]).toEqual([path, 409]);
      expect(answer.text).toContain('role="alert"');
    }
    expect(await one.send('/activity/bulk-actions/gone')).toMatchObject({ status: 404 });
    expect(await one.send('/attention?code=%3Cscript%3E')).toMatchObject({
      status: 400,
      text: expect.not.stringContaining('<script>,'),
    });
  });
});

describe('a page that is open', () => {
  it('says so when its object is deleted', async () => {
    const { server, token, issue, passbridge } = await openUnguarded();
    const { id } = await issue('registered,first_name,last_name,email,id\na,A,B,a@x.example,1\n');
    const { body } = await fetch(streamOf(server.url, `/campaigns/:id?:id=${id}`), {
      headers: { authorization: `Bearer ${token}` },
    });
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain(id);
    const { redis, prefix } = passbridge.stores;
    await redis.unlink(...(await redis.keys(`${prefix}*${id}*`)));
    let text = '';
    while (!text.includes('This item no longer exists')) {
      const { done, value = '' } = await reader.read();
      expect(done).toBe(false);
      text = value;
    }
    await reader.cancel();
  });
});

describe('a new campaign', () => {
  it('is reviewed with warnings about values that are probably not meant', async () => {
    const { signedIn, server } = await openUnguarded();
    const one = await signedIn();
    const header = 'registered,first_name,last_name,email,id,consent';
    const rows = ['a@x.example,A,NovÃ¡,a@x.example,1,true', 'A@x.example,A,B,a@x.example,1,false'];
    const draft = await draftWith(server.url, one, [header, ...rows, ''].join('\n'));
    const form = { where: "{{ customer.consent and customer.id == '1' }}" };
    await one.send(`${draft}/review`, { method: 'POST', form });
    const { text } = await one.send(`${draft}/review`);
    expect(text).toMatch(/role="alert">customer\.consent is tested as true or false, but its column is text/);
    expect(text).toContain('1 id differs from another id only in case: A@x.example');
    expect(text).toContain('customer.last_name was decoded twice in 1 row: row 1 has “NovÃ¡”');
  });

  it('returns the form as filled in, with the problem, if it cannot be started', async () => {
    const { signedIn, server } = await openUnguarded();
    const one = await signedIn();
    const csv = 'registered,first_name,last_name,email,id\na,A,B,a@x.example,1\n';
    const draft = await draftWith(server.url, one, csv);
    const typed = { canary: '7', quietHours: '25:99' };
    for (const step of ['review', 'start']) {
      const answer = await one.send(`${draft}/${step}`, { method: 'POST', form: typed });
      expect([step, answer.status]).toEqual([step, 409]);
      expect(answer.text).toContain('two times of day such as 21:00-08:00');
      expect(answer.text).toMatch(/<input[^>]* name="canary"[^>]* value="7"/);
    }
    // An invalid value is kept in the draft too.
    expect((await one.send(draft)).text).toMatch(/value="25:99"/);
    const form = { canary: '7', quietHours: '21:00-08:00' };
    expect(await one.send(`${draft}/review`, { method: 'POST', form })).toMatchObject({
      status: 303,
      headers: { location: `${draft}/review` },
    });
    const ready = await one.send(`${draft}/review`);
    expect(ready.text).toMatch(/>Issue 1 card<\/button>/);
    expect(ready.text).toMatch(/Quiet hours<\/dt><dd[^>]*>21:00-08:00/);
    expect((await one.send(draft)).text).toMatch(/value="21:00-08:00"/);
    expect(
      await one.send(`${draft}/start`, { method: 'POST', form: { ...form, reason: 'autumn' } }),
    ).toMatchObject({
      status: 303,
    });
    expect((await one.send('/activity')).text).toContain('autumn');
    // A second start has no effect, and the form cannot be changed any more.
    expect(await one.send(`${draft}/start`, { method: 'POST', form })).toMatchObject({ status: 303 });
    expect(await one.send(`${draft}/review`, { method: 'POST', form: { canary: '8' } })).toMatchObject({
      status: 409,
      text: expect.stringContaining('This draft was already started'),
    });
  });
});

describe('an upload', () => {
  it('is refused before a byte is sent if it exceeds the size limit', async () => {
    const { signedIn, server } = await openUnguarded();
    const one = await signedIn();
    await one.send('/campaigns/new');
    const refused = await tus(`${server.url}/uploads`, one, { 'upload-length': String(5_000_000_000) });
    expect(refused.statusCode).toBe(413);
    expect(
      await tus(`${server.url}/uploads`, one, { 'upload-length': '10', 'csrf-token': 'wrong' }),
    ).toMatchObject({ statusCode: 403 });
  });

  it('is read from the upload folder only', async () => {
    const { signedIn } = await openUnguarded();
    const one = await signedIn();
    await one.send('/campaigns/new');
    const form = { program: 'loyalty', action: 'issue', upload: '../../../../etc/passwd', name: 'x' };
    const answer = await one.send('/campaigns/drafts', { method: 'POST', form });
    expect(answer.status).toBe(409);
    expect(answer.text).not.toContain('root:');
  });
});

describe('a malicious condition', () => {
  it.each([
    '{% for a in range(100000) %}{% for b in range(100000) %}{{ a * b }}{% endfor %}{% endfor %}',
    "{{ 'x' * 1000000000 }}",
    '{{ customer.__class__ }}',
    '{{ '.repeat(1000),
  ])('is refused, and does not run: %.40s', async (where) => {
    const { signedIn, server } = await openUnguarded();
    const one = await signedIn();
    const draft = await draftWith(
      server.url,
      one,
      'registered,first_name,last_name,email,id\na,<b>A</b>,B,a@x.example,1\n',
    );
    const answer = await one.send(`${draft}/preview`, { method: 'POST', form: { where } });
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/role="alert"|None of the customers/);
  });

  it('does not let HTML of a customer into the preview', async () => {
    const { signedIn, server } = await openUnguarded();
    const one = await signedIn();
    const draft = await draftWith(
      server.url,
      one,
      'registered,first_name,last_name,email,id\na,<b>A</b>,B,a@x.example,1\n',
    );
    const { text } = await one.send(`${draft}/preview`, { method: 'POST', form: {} });
    expect(text).toContain('&lt;b>A&lt;/b>');
    expect(text).not.toContain('<b>A</b>');
  });
});

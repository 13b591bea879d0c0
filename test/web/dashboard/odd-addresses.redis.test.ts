/** Addresses and forms that name nothing: each is answered as such, never with 500 and never without an answer. */

import { expect, it } from 'vitest';
import { openGuarded } from '../auth/guarded.ts';
import { basic } from '../auth/guarded-scope.ts';
import { streamOf } from '../../support/live.ts';

const ONE_ROW = 'registered,first_name,last_name,email,id\na,A,B,a@x.example,1\n';

it('does not take a part of a key in Redis for an id', async () => {
  const { server, issue, passbridge } = await openGuarded();
  const { id } = await issue(ONE_ROW);
  const { redis, prefix } = passbridge.stores;
  const keys = (await redis.keys(`${prefix}:campaign:${id}:*`)).map((key) => key.slice(prefix.length + 10));
  expect(keys).toContain(`${id}:settled`);
  const paths = keys.flatMap((key) => {
    const name = encodeURIComponent(key);
    return [
      `/api/campaigns/${name}`,
      `/campaigns/${name}`,
      `/api/drafts/${name}`,
      `/api/bulk-actions/${name}`,
    ];
  });
  for (const path of paths) {
    expect([path, (await fetch(server.url + path, { headers: basic('admin') })).status]).toEqual([path, 404]);
  }
  for (const key of keys) {
    for (const [path, status] of [
      [`/api/campaigns/${encodeURIComponent(key)}/stop`, 409],
      [`/api/failures?campaign=${encodeURIComponent(key)}`, 400],
    ] as const) {
      const method = path.endsWith('stop') ? 'POST' : 'GET';
      const answer = await fetch(server.url + path, { method, headers: basic('admin') });
      expect([path, answer.status]).toEqual([path, status]);
    }
  }
});

it.each(['1e300', '-1', '0', '1.5', 'NaN', 'x', '99999999999999999999', ' '])(
  'refuses %j as the number of a page',
  async (page) => {
    const { server } = await openGuarded();
    const path = `/campaigns?page=${encodeURIComponent(page)}`;
    const answer = await fetch(server.url + path, { headers: basic('viewer') });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('is not the number of a page');
  },
);

it('refuses limits without a value, and changes nothing', async () => {
  const { server, passbridge } = await openGuarded();
  for (const body of ['', 'inFlight=&perSecond=', 'inFlight=1&inFlight=2', 'step=nothing']) {
    const answer = await fetch(`${server.url}/settings/limits`, {
      method: 'POST',
      headers: { ...basic('operator'), 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
    expect([body, answer.status]).toEqual([body, 400]);
  }
  expect((await passbridge.stores.audit.page({ limit: 1 })).entries).toEqual([]);
});

it('needs no body for a change that takes nothing but a reason', async () => {
  const { server, start } = await openGuarded();
  const id = await start('issue', ONE_ROW);
  for (const path of [`/api/campaigns/${id}/pause`, `/api/campaigns/${id}/resume`, '/api/gate/open']) {
    const answer = await fetch(server.url + path, { method: 'POST', headers: basic('operator') });
    expect([path, answer.status]).not.toEqual([path, 400]);
  }
});

it('takes the first of repeated parameters', async () => {
  const { server } = await openGuarded();
  for (const path of [
    '/activity?target=a&target=b',
    '/customers?q=a&q=b',
    '/campaigns?page=1&page=x',
    '/attention?code=PM_DOWN&code=x',
  ]) {
    expect([path, (await fetch(server.url + path, { headers: basic('viewer') })).status]).toEqual([
      path,
      200,
    ]);
  }
});

it('offers event streams to GET only, and says in them why a page cannot be shown', async () => {
  const { server } = await openGuarded();
  const head = await fetch(`${server.url}/live`, { method: 'HEAD', headers: basic('viewer') });
  expect(head.status).toBe(404);
  const stream = await fetch(streamOf(server.url, '/attention?campaign=gone'), { headers: basic('viewer') });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toContain('There is no campaign gone');
  await reader.cancel();
});

import { describe, expect, it } from 'vitest';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import { eventually } from '../support/eventually.ts';
import { openGuarded } from './auth/guarded.ts';
import { basic } from './auth/guarded-scope.ts';

async function openApi() {
  const guarded = await openGuarded();
  const send = async (path: string, { as = 'operator', body }: { as?: string; body?: unknown } = {}) => {
    const answer = await fetch(guarded.server.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...basic(as), ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
  };
  return { ...guarded, send };
}

describe('the API', () => {
  it('describes every route in its OpenAPI document', async () => {
    const { server, send } = await openApi();
    const { json } = await send('/api/docs/json');
    const described = Object.entries(json['paths'] as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    const routes = server.routes
      .filter(
        ({ method, path }) =>
          path.startsWith('/api/') && !path.startsWith('/api/docs') && ['GET', 'POST'].includes(method),
      )
      .map(({ method, path }) => `${method} ${path}`);
    expect(routes.length).toBeGreaterThan(15);
    expect(described.toSorted()).toEqual(routes.toSorted());
  });

  it.each([
    ['/api/failures/preview', '"filter":{},"rule":{"values":{"a":', '}}'],
    ['/api/unknown/resolve', '"resolutions":[', ']'],
  ])('refuses a body that is nested too deep at %s', async (path, start, end) => {
    const { server } = await openApi();
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers: { ...basic('operator'), 'content-type': 'application/json' },
      body: `{${start}${'['.repeat(300_000)}${']'.repeat(300_000)}${end}}`,
    });
    expect([answer.status, await answer.json()]).toEqual([
      413,
      { error: { code: 'INVALID_REQUEST', message: 'The body is nested more than 64 levels deep.' } },
    ]);
  });

  it('resolves unknown creates and refuses the rest, each with its reason', async () => {
    const { server, send, issue, sandbox, find } = await openApi();
    const rule = parseFaultRule('create:502-after');
    if (rule.ok) sandbox.faults.add(rule.rule);
    const { id } = await issue('registered,first_name,last_name,email,id\na,A,B,a@x.example,1\n');
    const resolutions = [
      { job: `${id}-1`, passId: 4001 },
      { customer: 'z', passId: 'p-2' },
    ];
    expect(await send('/api/unknown/resolve', { as: 'viewer', body: { resolutions } })).toMatchObject({
      status: 403,
    });
    const checked = await send('/api/unknown/resolve', { body: { resolutions, dryRun: true } });
    expect(checked).toMatchObject({ status: 200, json: { done: 1, refused: 1, dryRun: true } });
    expect(await find(id)).toMatchObject({ unknown: 1 });
    const body = `{"resolutions":[{"job":"${id}-1","passId":9007199254740993}],"reason":"seen"}`;
    const answer = await fetch(`${server.url}/api/unknown/resolve`, {
      method: 'POST',
      headers: { ...basic('operator'), 'content-type': 'application/json' },
      body,
    });
    expect(await answer.json()).toMatchObject({
      results: [{ line: 1, passId: '9007199254740993', ok: true, outcome: 'done' }],
    });
    expect(await find(id)).toMatchObject({ unknown: 0, done: 1 });
    expect(await send('/api/unknown/resolve', { body: { resolutions } })).toMatchObject({
      json: { done: 0, results: [{ refusal: 'not-unknown' }, { refusal: 'not-unknown' }] },
    });
    const { json: audit } = await send('/api/audit?limit=1');
    expect(audit['entries']).toMatchObject([
      { action: 'failures.resolve', by: 'operator', via: 'api', reason: 'seen' },
    ]);
  });

  it('retries a cause and returns the bulk action', async () => {
    const { send, issue, sandbox, find } = await openApi();
    for (const rule of [parseFaultRule('create:422x2')]) if (rule.ok) sandbox.faults.add(rule.rule);
    const { id } = await issue(
      'registered,first_name,last_name,email,id\na,A,B,a@x.example,1\nb,A,B,b@x.example,2\n',
    );
    const { json } = await send('/api/failures', { as: 'viewer' });
    const [cause] = json['causes'] as { cause: { id: string }; count: number; example?: unknown }[];
    expect(cause).toMatchObject({ count: 2, retryable: true });
    expect(cause).not.toHaveProperty('example');
    const order = { kind: 'retry', filter: { campaign: id, causes: [cause?.cause.id] }, reason: 'fixed' };
    expect(await send('/api/bulk-actions', { as: 'viewer', body: order })).toMatchObject({ status: 403 });
    const ordered = await send('/api/bulk-actions', { body: order });
    expect(ordered).toMatchObject({
      status: 202,
      json: { bulkAction: { total: 2, by: 'operator', reason: 'fixed' } },
    });
    await eventually(async () => expect(await find(id)).toMatchObject({ done: 2 }));
    expect(await send(`/api/campaigns/${id}`)).toMatchObject({ json: { campaign: { done: 2 }, causes: [] } });
    const { json: audit } = await send('/api/audit?limit=1');
    expect(audit['entries']).toMatchObject([
      { action: 'failures.retry', by: 'operator', via: 'api', reason: 'fixed' },
    ]);
  });

  it('creates a draft, checks it, and starts it once', async () => {
    const { send, server, find } = await openApi();
    const csv = 'registered,first_name,last_name,email,id\na,A,B,a@x.example,1\nb,A,B,b@x.example,2\n';
    const tus = { ...basic('operator'), 'tus-resumable': '1.0.0' };
    const made = await fetch(`${server.url}/uploads`, {
      method: 'POST',
      headers: { ...tus, 'upload-length': String(csv.length) },
    });
    const at = made.headers.get('location') ?? '';
    await fetch(server.url + at, {
      method: 'PATCH',
      headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
      body: csv,
    });
    const upload = { id: at.split('/').at(-1), name: 'two.csv' };
    const draft = { program: 'loyalty', action: 'issue', upload };
    expect(await send('/api/drafts', { as: 'viewer', body: draft })).toMatchObject({ status: 403 });
    const { status, json } = await send('/api/drafts', { body: draft });
    expect([status, json['draft']]).toEqual([
      201,
      expect.objectContaining({ state: 'ready', from: { kind: 'upload', name: 'two.csv' } }),
    ]);
    const { id } = json['draft'] as { id: string };
    expect(
      await send(`/api/drafts/${id}/check`, { body: { options: { quietHours: 'never' } } }),
    ).toMatchObject({
      status: 409,
    });
    const options = { where: "{{ customer.id == '1' }}" };
    expect(await send(`/api/drafts/${id}/check`, { body: { options } })).toMatchObject({
      status: 200,
      json: { preflight: { rows: 2, toSend: 1, skipped: { filtered: 1 }, byCode: {} } },
    });
    const test = (to: string[], as?: string) =>
      send(`/api/drafts/${id}/test`, {
        body: { to, options, reason: 'look' },
        ...(as !== undefined && { as }),
      });
    expect(await test(['b'], 'viewer')).toMatchObject({ status: 403 });
    expect(await test([])).toMatchObject({ status: 400 });
    expect(await test(['c'])).toMatchObject({ status: 409 });
    const tested = (await test(['b'])).json['campaign'] as { id: string };
    expect(tested).toMatchObject({ id: expect.stringContaining('issue-test-') as string, isTest: true });
    await eventually(async () => expect(await find(tested.id)).toMatchObject({ rows: 1, done: 1 }));
    const start = { body: { options, reason: 'autumn' } };
    expect(await send(`/api/drafts/${id}/start`, start)).toMatchObject({
      status: 201,
      json: { campaign: { id } },
    });
    expect(await send(`/api/drafts/${id}/start`, start)).toMatchObject({ status: 201 });
    await eventually(async () => expect(await find(id)).toMatchObject({ done: 1, skipped: 1 }));
  });

  it('previews an edit without applying it', async () => {
    const { send, issue, sandbox } = await openApi();
    for (const rule of [parseFaultRule('create:422x1')]) if (rule.ok) sandbox.faults.add(rule.rule);
    await issue('registered,first_name,last_name,email,id\na,A,B,a@x.example,1\n');
    const body = { filter: {}, rule: { attribute: 'email', template: '{{ customer.email | upper }}' } };
    expect(await send('/api/failures/preview', { body })).toMatchObject({
      status: 200,
      json: { samples: [{ changes: [{ before: 'a@x.example', after: 'A@X.EXAMPLE' }] }] },
    });
    expect(await send('/api/failures/preview', { as: 'viewer', body })).toMatchObject({ status: 403 });
  });

  it('shows values typed for a customer to operators only, and keeps them out of the audit log', async () => {
    const { send, issue, sandbox, find } = await openApi();
    for (const rule of [parseFaultRule('create:422x1')]) if (rule.ok) sandbox.faults.add(rule.rule);
    const { id } = await issue('registered,first_name,last_name,email,id\na,A,B,a@x.example,1\n');
    const rule = { values: { email: 'secret@x.example' } };
    const ordered = await send('/api/bulk-actions', {
      body: { kind: 'edit', filter: { campaign: id }, rule, reason: 'a typo' },
    });
    expect(ordered).toMatchObject({ status: 202, json: { bulkAction: { rule } } });
    await eventually(async () => expect(await find(id)).toMatchObject({ done: 1 }));
    for (const path of [
      '/api/bulk-actions',
      `/api/bulk-actions/${(ordered.json['bulkAction'] as { id: string }).id}`,
      '/api/audit',
    ]) {
      const seen = await send(path, { as: 'viewer' });
      expect([path, seen.status]).toEqual([path, 200]);
      expect(JSON.stringify(seen.json)).not.toContain('secret');
    }
    expect((await send('/api/audit?limit=1')).json['entries']).toMatchObject([
      { action: 'failures.edit', after: { failures: 1, changes: ['email'] } },
    ]);
  });

  it('answers an invalid request with the problem and its location', async () => {
    const { send } = await openApi();
    const wrong: [path: string, body: unknown, status: number, words: string][] = [
      ['/api/campaigns?limit=many', undefined, 400, 'querystring/limit'],
      [
        '/api/failures/preview',
        { filter: { campaign: { length: { toString: 1 } } }, rule: {} },
        400,
        'cannot be compared',
      ],
      [
        '/api/bulk-actions',
        { kind: 'retry', filter: { unknown: true } },
        409,
        'would get a second one. Look them up at Passmachine, or confirm it (acceptSecondCards)',
      ],
      ['/api/campaigns/none', undefined, 404, 'There is no campaign none'],
      ['/api/campaigns/none/pause', {}, 409, 'There is no campaign none'],
      ['/api/campaigns/none/reschedule', { startAt: '2090-01-01' }, 409, 'There is no campaign none'],
      ['/api/campaigns/none/reschedule', { startAt: 'soon' }, 400, 'must be a time such as'],
      ['/api/campaigns/none/reschedule', {}, 400, 'body/startAt'],
      ['/api/bulk-actions', { kind: 'burn' }, 400, 'body/kind'],
      ['/api/bulk-actions', { kind: 'discard', filter: {} }, 409, 'needs a reason'],
      ['/api/bulk-actions', { kind: 'edit', filter: {} }, 409, 'An edit needs a rule'],
      ['/api/bulk-actions/none', undefined, 404, 'There is no bulk action none'],
      ['/api/schedules/nightly/run', {}, 409, 'has no schedules'],
      ['/api/failures?code=NOPE', undefined, 400, 'There is no failure code NOPE'],
      ['/api/limits', { limits: { maxInFlight: 1000 } }, 400, 'PASSMACHINE_MAX_IN_FLIGHT'],
      ['/api/limits', { limits: {} }, 400, 'There is no limit to set'],
      ['/api/campaigns?limit=1&limit=many', undefined, 200, '"campaigns"'],
      ['/api/campaigns?offset=1e300', undefined, 400, 'querystring/offset'],
    ];
    for (const [path, body, status, words] of wrong) {
      const answer = await send(path, { body });
      expect([path, answer.status, JSON.stringify(answer.json)]).toEqual([
        path,
        status,
        expect.stringContaining(words),
      ]);
    }
  });
});

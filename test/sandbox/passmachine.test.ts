import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { eventually } from '../support/eventually.ts';
import { basicAuth } from '../support/basic-auth.ts';
import { call, cardBody, clientOf, nowSeconds, setText } from './client.ts';

let sandbox: Sandbox;
let client: ReturnType<typeof clientOf>;
beforeAll(async () => {
  sandbox = await startSandbox({ templates: ['loyalty'] });
});
beforeEach(() => {
  sandbox.reset();
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());

describe('authenticate', () => {
  test.each([
    ['now', () => nowSeconds(), 400],
    ['milliseconds', () => Date.now() + 3_600_000, 400],
    ['a fraction', () => `${nowSeconds() + 60}.5`, 400],
    ['nothing', () => '', 400],
    ['unix seconds ahead', () => nowSeconds() + 60, 200],
  ])('with validTo = %s is checked', async (_name, validTo, status) => {
    expect((await client.authenticate(validTo())).status).toBe(status);
  });

  test.each([[undefined], [basicAuth('sandbox-public', 'wrong')], ['Bearer some-token'], ['Basic !!']])(
    'with %s is 401',
    async (authorization) => {
      const url = `${sandbox.passmachineUrl}/authenticate?validTo=${nowSeconds() + 60}`;
      const answered = await call(url, authorization === undefined ? {} : { headers: { authorization } });
      expect(answered.status).toBe(401);
    },
  );

  test.each([
    ['json', { token: expect.any(String) }],
    ['access_token', { access_token: expect.any(String) }],
    ['data', { data: { token: expect.any(String) } }],
    ['string', expect.any(String)],
    ['text', undefined],
  ] as const)('issues the token as %s', async (tokenShape, shape) => {
    const shaped = await startSandbox({ tokenShape });
    const { json, text, headers } = await clientOf(shaped).authenticate();
    expect(json).toEqual(shape);
    expect(text).not.toBe('');
    expect(headers.get('content-type')).toBe(tokenShape === 'text' ? 'text/plain' : 'application/json');
    await shaped.close();
  });
});

describe('tokens', () => {
  test('become invalid together when they are revoked', async () => {
    expect((await client.create()).status).toBe(200);
    sandbox.revokeTokens();
    expect((await client.create()).status).toBe(401);
    expect((await clientOf(sandbox).create()).status).toBe(200);
  });

  test('expire', async () => {
    const brief = await startSandbox({ tokenLifeSeconds: 0.3 });
    const caller = clientOf(brief);
    expect((await caller.create()).status).toBe(200);
    await eventually(async () => expect((await caller.create()).status).toBe(401));
    await brief.close();
  });
});

describe('create', () => {
  test('makes a card, keeps its body byte for byte and links to it', async () => {
    const body = ` {"templateId":"loyalty", "templateVariables":{"kpFirstName":"Žofie \\"Ž\\""},"metadata":{"registered":"c-7"}}`;
    const { status, json } = await client.create(body);
    expect(status).toBe(200);
    const { id, ro } = json.data;
    expect(id).toMatch(/^[\da-f-]{36}$/);
    expect(sandbox.passes.get(id)).toMatchObject({ customer: 'c-7', body, history: [body] });
    expect(sandbox.passes.of('c-7')).toHaveLength(1);
    expect((await call(ro.microsite.url)).json).toMatchObject({ id, history: [body] });
  });

  test('answers without the envelope on request', async () => {
    const bare = await startSandbox({ envelope: 'bare' });
    const { json } = await clientOf(bare).create();
    expect(json).toEqual({ id: expect.any(String), ro: { microsite: { url: expect.any(String) } } });
    await bare.close();
  });

  test.each([
    ['not JSON', '{', 400],
    ['an array', [], 422],
    ['no template', { ...cardBody(), templateId: '' }, 422],
    ['variables as a string', { ...cardBody(), templateVariables: 'x' }, 422],
    ['no metadata', { ...cardBody(), metadata: undefined }, 422],
    ['a numeric id', { ...cardBody(), metadata: { registered: 5 } }, 422],
    ['an unknown template', { ...cardBody(), templateId: 'other' }, 404],
  ])('with %s is refused', async (_name, body, status) => {
    const answered = await client.create(body);
    expect(answered.status).toBe(status);
    expect(answered.json.message).toEqual(expect.any(String));
    expect(sandbox.passes.size).toBe(0);
  });

  test.each([
    ['in milliseconds', () => String(Date.now())],
    ['six minutes old', () => String(nowSeconds() - 360)],
    ['with a fraction', () => `${nowSeconds()}.5`],
    ['empty', () => ''],
  ])('with an X-Timestamp %s is 400', async (_name, stamp) => {
    expect((await client.create(cardBody(), { headers: { 'x-timestamp': stamp() } })).status).toBe(400);
  });

  test('with an X-Timestamp four minutes old is accepted', async () => {
    const headers = { 'x-timestamp': String(nowSeconds() - 240) };
    expect((await client.create(cardBody(), { headers })).status).toBe(200);
  });

  test('in an unknown account is 404', async () => {
    expect((await client.create(cardBody(), { account: 'other' })).status).toBe(404);
  });
});

describe('patch', () => {
  test('changes the card and keeps each patch byte for byte', async () => {
    const id = (await client.create(cardBody('c-1'))).json.data.id;
    expect((await client.patch(id, setText('sale!'))).status).toBe(200);
    const pass = sandbox.passes.get(id);
    expect(JSON.parse(pass?.body ?? '')).toMatchObject({ templateVariables: { fieldValue: 'sale!' } });
    expect(pass?.history).toEqual([JSON.stringify(cardBody('c-1')), JSON.stringify(setText('sale!'))]);
    expect(sandbox.witness.entries().at(-1)).toMatchObject({ kind: 'patch', customer: 'c-1', passId: id });
  });

  test('of an unknown card is 404', async () => {
    expect((await client.patch('unknown', setText('x'))).status).toBe(404);
  });

  test('that does not apply is 422 and changes nothing', async () => {
    const id = (await client.create()).json.data.id;
    const patch = [...setText('x'), { op: 'replace', path: '/templateVariables/nope', value: 1 }];
    expect((await client.patch(id, patch)).status).toBe(422);
    expect(sandbox.passes.get(id)?.body).toBe(JSON.stringify(cardBody()));
    expect(sandbox.passes.get(id)?.history).toHaveLength(1);
  });
});

test.each([
  ['GET', '/accounts/sandbox-account/passes'],
  ['POST', '/accounts/sandbox-account/passes/some-id'],
  ['POST', '/authenticate'],
  ['GET', '/'],
])('answers 404 to %s %s', async (method, path) => {
  expect((await call(`${sandbox.passmachineUrl}${path}`, { method })).status).toBe(404);
});

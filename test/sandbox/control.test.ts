import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { cardBody, clientOf } from './client.ts';

let sandbox: Sandbox;
let client: ReturnType<typeof clientOf>;
beforeAll(async () => {
  sandbox = await startSandbox();
});
beforeEach(() => {
  sandbox.reset();
  sandbox.setLatency({ latencyMs: 0 });
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());

test('shows the witness, the cards and the customers', async () => {
  const from = sandbox.witness.now();
  const id = (await client.create(cardBody('c-1'))).json.data.id;
  await client.create(cardBody('c-1'));
  await client.track('customers', {
    customer_ids: { registered: 'c-1' },
    properties: { passmachine_pass_id: id },
  });
  await client.track('customers/events', {
    customer_ids: { registered: 'c-1' },
    event_type: 'e',
    timestamp: 5,
  });

  expect((await client.control('GET', `witness?from=${from}`)).json).toMatchObject({
    calls: { authenticate: 1, create: 2, patch: 0, batch: 0, customers: 1, events: 1, export: 0 },
    maxInFlight: 1,
    maxInFlightAll: 1,
    averageInFlight: expect.any(Number),
    cards: 2,
    customersWithCard: 1,
    doubles: [{ customer: 'c-1', creates: 2 }],
    writtenBack: 1,
    notWrittenBack: 1,
    writeBackDelayMs: { p50: expect.any(Number), p95: expect.any(Number), max: expect.any(Number) },
  });
  const lines = (await client.control('GET', 'witness.jsonl')).text.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).kind)).toEqual([
    'authenticate',
    'create',
    'create',
    'customers',
    'events',
  ]);
  const passes = (await client.control('GET', 'passes')).json;
  expect(passes).toHaveLength(2);
  expect(passes[0]).toMatchObject({ id, customer: 'c-1', history: [JSON.stringify(cardBody('c-1'))] });
  expect((await client.control('GET', `passes/${id}`)).json).toEqual(passes[0]);
  expect((await client.control('GET', 'customers')).json).toEqual([
    {
      ids: { registered: 'c-1' },
      properties: { passmachine_pass_id: { value: id, updatedAt: expect.any(Number) } },
      events: [{ type: 'e', timestamp: 5, properties: {} }],
    },
  ]);
});

test('adds fault rules, as objects and as text, and removes them', async () => {
  const { json } = await client.control('POST', 'faults', [
    'create:500x1',
    { target: 'create', fault: 503, times: 1 },
  ]);
  expect(json.ids).toHaveLength(2);
  expect((await client.create()).status).toBe(500);
  expect((await client.create()).status).toBe(503);
  expect((await client.create()).status).toBe(200);
  expect((await client.control('GET', 'faults')).json).toMatchObject([{ injected: 1 }, { injected: 1 }]);

  await client.control('POST', 'faults', 'create:500');
  await client.control('DELETE', 'faults');
  expect((await client.create()).status).toBe(200);
});

test('sets latency and outages, and revokes tokens', async () => {
  await client.control('POST', 'latency', { latencyMs: 60, side: 'passmachine' });
  await client.create();
  expect(sandbox.witness.entries().at(-1)?.ms).toBeGreaterThanOrEqual(59);

  await client.control('POST', 'outage', { side: 'passmachine', mode: 'refuse' });
  expect((await client.create()).status).toBe(503);
  await client.control('POST', 'outage', { side: 'passmachine', mode: 'off' });

  await client.control('POST', 'revoke-tokens');
  expect((await client.create()).status).toBe(401);
});

test('reset removes all data, faults and outages', async () => {
  await client.create();
  await client.control('POST', 'faults', '"create:500"');
  await client.control('POST', 'outage', { side: 'passmachine', mode: 'hang' });
  expect((await client.control('POST', 'reset')).json).toEqual({ ok: true });
  expect((await client.control('GET', 'passes')).json).toEqual([]);
  expect((await client.control('GET', 'customers')).json).toEqual([]);
  expect((await client.control('GET', 'witness.jsonl')).text).toBe('');
  expect((await client.create()).status).toBe(200);
});

test.each([
  ['faults', '"nope:500"', /unknown target "nope"/],
  ['faults', { target: 'create' }, /fault/],
  ['faults', '{', /expected target:fault/],
  ['latency', { latencyMs: -1 }, /latencyMs/],
  ['outage', { side: 'elsewhere', mode: 'hang' }, /side/],
])('answers 400 with the problem to POST %s with %j', async (tail, body, problem) => {
  const { status, json } = await client.control('POST', tail, body);
  expect(status).toBe(400);
  expect(json.error).toMatch(problem);
  expect(sandbox.faults.list()).toEqual([]);
});

test('answers 404 to an unknown route', async () => {
  expect((await client.control('GET', 'nothing')).status).toBe(404);
  expect((await client.control('GET', 'passes/unknown')).status).toBe(404);
});

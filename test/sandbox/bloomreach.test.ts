import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { basicAuth } from '../support/basic-auth.ts';
import { call, cardBody, clientOf } from './client.ts';

let sandbox: Sandbox;
let client: ReturnType<typeof clientOf>;
beforeAll(async () => {
  sandbox = await startSandbox();
  client = clientOf(sandbox);
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

const set = (registered: string, properties: Record<string, unknown>, more: object = {}) => ({
  name: 'customers',
  command_id: `set-${registered}`,
  data: { customer_ids: { registered }, properties, ...more },
});
const event = (registered: string, more: object = {}) => ({
  name: 'customers/events',
  data: { customer_ids: { registered }, event_type: 'passmachine', timestamp: 1_763_855_000.25, ...more },
});

describe('authorization', () => {
  test('answers 401 to a request without a key', async () => {
    const url = `${sandbox.bloomreachUrl}/track/v2/projects/sandbox-project/batch`;
    const { status, json } = await call(url, { method: 'POST', body: { commands: [set('c-1', { a: 1 })] } });
    expect({ status, json }).toEqual({
      status: 401,
      json: { success: false, error: 'Access key not provided' },
    });
  });

  test.each([
    ['a wrong project', 'other', basicAuth('sandbox-key', 'sandbox-key-secret'), 'Invalid project id'],
    ['a wrong secret', 'sandbox-project', basicAuth('sandbox-key', 'wrong'), 'Could not authenticate'],
  ])('answers 400 to %s', async (_name, project, authorization, error) => {
    const body = { commands: [set('c-1', { a: 1 })] };
    const { status, json } = await client.track('batch', body, project, { authorization });
    expect({ status, json }).toEqual({ status: 400, json: { success: false, error } });
    expect(sandbox.customers.size).toBe(0);
  });
});

describe('a batch', () => {
  test('is answered per command, with success: true even if some failed', async () => {
    const commands = [
      set('c-1', { passmachine_pass_id: 'p-1' }),
      { name: 'customers', command_id: 'no-id', data: { customer_ids: {}, properties: { a: 1 } } },
      event('c-1'),
    ];
    const { status, headers, json } = await client.track('batch', { commands });
    expect(status).toBe(200);
    expect(headers.get('x-request-id')).toMatch(/^sandbox-\d+$/);
    expect(json).toEqual({
      results: [
        { success: true, command_id: 'set-c-1' },
        { success: false, command_id: 'no-id', errors: ['At least one id should be specified.'] },
        { success: true },
      ],
      start_time: expect.any(Number),
      end_time: expect.any(Number),
      success: true,
    });
    expect(sandbox.customers.properties('registered:c-1')).toEqual({ passmachine_pass_id: 'p-1' });
    expect(sandbox.witness.entries().at(-1)).toMatchObject({ kind: 'batch', commands: 3, refused: 1 });
  });

  test.each([
    ['no commands', {}, 'No commands'],
    ['an empty list', { commands: [] }, 'No commands'],
    ['a command that is not an object', { commands: [set('c-1', { a: 1 }), 'x'] }, 'Invalid JSON'],
    ['a truncated body', '{"commands":[', 'Invalid JSON'],
    ['51 commands', { commands: Array.from({ length: 51 }, () => set('c-1', { a: 1 })) }, /at most 50/],
    ['more than 800 KB', { commands: [set('c-1', { a: 'x'.repeat(800_000) })] }, /too large/],
  ])('with %s fails as a whole', async (_name, body, message) => {
    const { status, json } = await client.track('batch', body);
    expect(status).toBe(400);
    expect(json).toEqual({ success: false, message: expect.stringMatching(message) });
    expect(sandbox.customers.size).toBe(0);
  });

  test.each([
    [
      'an unknown name',
      { name: 'customer', data: { customer_ids: { registered: 'c-1' } } },
      /Unknown command/,
    ],
    ['no data', { name: 'customers' }, /data/],
    ['null ids', set('', { a: 1 }), /At least one id/],
    ['no properties', set('c-1', {}), /At least one property/],
    ['a value of 16 KB', set('c-1', { a: 'x'.repeat(16_000) }), /Property a is too large/],
    ['a time as text', set('c-1', { a: 1 }, { update_timestamp: 'now' }), /update_timestamp/],
    ['an event without type', event('c-1', { event_type: '' }), /event_type/],
    ['event properties as a list', event('c-1', { properties: [] }), /properties/],
  ])('refuses a command with %s and applies the others', async (_name, command, error) => {
    const { json } = await client.track('batch', { commands: [command, set('c-2', { a: 1 })] });
    expect(json.results[0]).toMatchObject({ success: false, errors: [expect.stringMatching(error)] });
    expect(json.results[1]).toMatchObject({ success: true });
    expect(sandbox.customers.get('registered:c-1')).toBeUndefined();
  });

  test('refuses the commands that match a fault rule', async () => {
    sandbox.faults.add({
      target: 'command',
      fault: { refuse: ['not authorized'] },
      match: '"c-2"',
      times: 1,
    });
    const commands = [set('c-1', { a: 1 }), set('c-2', { a: 1 })];
    const first = await client.track('batch', { commands });
    expect(first.json.results).toMatchObject([
      { success: true },
      { success: false, errors: ['not authorized'] },
    ]);
    const second = await client.track('batch', { commands });
    expect(second.json.results).toMatchObject([{ success: true }, { success: true }]);
  });
});

describe('customers', () => {
  test('keep the newest value of each property, in any order of arrival', async () => {
    const commands = [
      set('c-1', { a: 'new', b: 'old' }, { update_timestamp: 200 }),
      set('c-1', { a: 'late', b: 'late' }, { update_timestamp: 100 }),
      set('c-1', { a: 'same time' }, { update_timestamp: 200 }),
      set('c-1', { b: 'newer' }, { update_timestamp: 200.5 }),
    ];
    await client.track('batch', { commands });
    expect(sandbox.customers.properties('registered:c-1')).toEqual({ a: 'new', b: 'newer' });
  });

  test('have case-sensitive ids and are found by any of them', async () => {
    const both = { registered: 'C-1', cookie: 'k' };
    await client.track('customers', { customer_ids: both, properties: { a: 1 } });
    await client.track('customers', { customer_ids: { cookie: 'k' }, properties: { b: 2 } });
    expect(sandbox.customers.properties('registered:C-1')).toEqual({ a: 1, b: 2 });
    expect(sandbox.customers.get('registered:c-1')).toBeUndefined();
    expect(sandbox.customers.size).toBe(1);
  });

  test('drop an identical event', async () => {
    const { data } = event('c-1', { properties: { action: 'created' } });
    expect((await client.track('customers/events', data)).json).toEqual({ success: true });
    await client.track('customers/events', data);
    await client.track('customers/events', { ...data, properties: { action: 'removed' } });
    expect(sandbox.customers.get('registered:c-1')?.events).toEqual([
      { type: 'passmachine', timestamp: 1_763_855_000.25, properties: { action: 'created' } },
      { type: 'passmachine', timestamp: 1_763_855_000.25, properties: { action: 'removed' } },
    ]);
  });

  test('are refused with 400 and errors in a single command', async () => {
    const { status, json } = await client.track('customers', { customer_ids: {}, properties: { a: 1 } });
    expect({ status, json }).toEqual({
      status: 400,
      json: { success: false, errors: ['At least one id should be specified.'] },
    });
  });
});

test('the delay of a card’s write-back is recorded', async () => {
  const id = (await client.create(cardBody('c-1'))).json.data.id;
  expect(sandbox.witness.writeBacks.missing()).toEqual([id]);
  await client.track('batch', { commands: [set('c-1', { passmachine_pass_id: id })] });
  expect(sandbox.witness.writeBacks.missing()).toEqual([]);
  expect(sandbox.witness.writeBacks.delays()).toEqual([expect.any(Number)]);
});

test.each([
  ['GET', '/track/v2/projects/sandbox-project/batch'],
  ['POST', '/track/v2/projects/sandbox-project/other'],
  ['POST', '/data/v2/projects/sandbox-project/customers/export-one'],
  ['GET', '/data/v2/projects/sandbox-project/customers/export'],
])('answers 404 to %s %s', async (method, path) => {
  expect((await call(`${sandbox.bloomreachUrl}${path}`, { method })).status).toBe(404);
  expect(sandbox.witness.entries().at(-1)).toMatchObject({ side: 'bloomreach', kind: 'unknown' });
});

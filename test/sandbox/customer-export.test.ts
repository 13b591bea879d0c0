import { afterEach, describe, expect, it } from 'vitest';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { eventually } from '../support/eventually.ts';
import { basicAuth } from '../support/basic-auth.ts';
import { call } from './client.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(options: SandboxOptions = {}) {
  const sandbox = await startSandbox(options);
  closers.push(() => sandbox.close());
  const { projectToken, apiKeyId, apiSecret } = sandbox.credentials;
  const send = (body: unknown, headers = { authorization: basicAuth(apiKeyId, apiSecret) }) =>
    call(`${sandbox.bloomreachUrl}/data/v2/projects/${projectToken}/customers/export`, {
      method: 'POST',
      headers,
      body,
    });
  const track = (tail: string, body: unknown) =>
    call(`${sandbox.bloomreachUrl}/track/v2/projects/${projectToken}/${tail}`, {
      method: 'POST',
      headers: { authorization: basicAuth(apiKeyId, apiSecret) },
      body,
    });
  return { sandbox, send, track };
}

const registered = { type: 'id', id: 'registered' };
const named = (property: string) => ({ type: 'property', property });
const some = (...list: unknown[]) => ({ type: 'some', list });

describe('an export', () => {
  it('has the columns in the order of the request, a hard id as a string and a soft one as an array', async () => {
    const { send } = await start({ exports: { customers: 10 } });
    const attributes = some(
      named('vip'),
      { type: 'id', id: 'cookie' },
      registered,
      named('unknown_property'),
    );
    const { json } = await send({ attributes, format: 'native_json' });
    expect(json).toMatchObject({ success: true, fields: attributes.list });
    expect(json.data).toHaveLength(10);
    expect(json.data[2]).toEqual([true, ['cookie-3'], 'customer-3', null]);
    expect(json.data[9][1]).toEqual(['cookie-10-old', 'cookie-10']);
  });

  it('is the same every time', async () => {
    const { send } = await start();
    const first = await send({ format: 'csv' });
    expect(first.headers.get('transfer-encoding')).toBe('chunked');
    expect((await send({ format: 'csv' })).text).toBe(first.text);
    expect(first.text.split('\r\n')[0]).toBe(
      'registered,cookie,first_name,last_name,email,id,loyalty_points,loyalty_tier,balance,vip,interests,note',
    );
  });

  it('includes written properties, and other customers that were written to', async () => {
    const { send, track } = await start({ exports: { customers: 2 } });
    for (const id of ['customer-2', 'c-17']) {
      await track('customers', {
        customer_ids: { registered: id },
        properties: { passmachine_pass_id: 'p' },
      });
    }
    const { json } = await send({
      attributes: some(registered, named('passmachine_pass_id'), named('loyalty_points')),
      format: 'native_json',
    });
    expect(json.data).toEqual([
      ['customer-1', null, 37],
      ['customer-2', 'p', 74],
      ['c-17', 'p', null],
    ]);
  });

  it('assigns each customer to one segment', async () => {
    const { send } = await start({ exports: { customers: 7, segmentations: { three: 3 } } });
    const idsIn = async (index: number) => {
      const filter = { type: 'segment', segmentation_id: 'three', segment_index: index };
      const { json } = await send({ attributes: some(registered), filter, format: 'native_json' });
      return json.data.flat();
    };
    expect(await idsIn(0)).toEqual(['customer-1', 'customer-4', 'customer-7']);
    expect(await idsIn(2)).toEqual(['customer-3', 'customer-6']);
    expect(await idsIn(-1)).toEqual([]);
  });

  it('is recorded by the witness with its request body', async () => {
    const { sandbox, send } = await start();
    const body = { attributes: some(registered), format: 'csv' };
    await send(body);
    expect(sandbox.witness.count('export')).toBe(1);
    expect(sandbox.witness.entries()[0]).toMatchObject({
      side: 'bloomreach',
      kind: 'export',
      status: 200,
      applied: false,
      requestBody: body,
    });
  });
});

describe('an invalid export', () => {
  const filter = { type: 'segment', segmentation_id: 'sandbox-segmentation', segment_index: 0 };

  it.each([
    [
      'an unknown segmentation',
      { filter: { ...filter, segmentation_id: 'x' } },
      'Segmentation does not exist',
    ],
    ['an unknown segment', { filter: { ...filter, segment_index: 2 } }, 'Segment does not exist'],
  ])('with %s is a 200 without success', async (_name, more, problem) => {
    const { send } = await start();
    const { status, json } = await send({ format: 'csv', ...more });
    expect({ status, json }).toEqual({
      status: 200,
      json: { success: false, errors: { _global: [problem] } },
    });
  });

  it('without the permission is a 403', async () => {
    const { send } = await start({ forbidden: ['export'] });
    const { status, json } = await send({ format: 'csv' });
    expect({ status, json }).toEqual({
      status: 403,
      json: { success: false, errors: ['not authorized to export customers'] },
    });
  });

  it.each([
    ['format', {}],
    ['format', { format: 'xlsx' }],
    ['attributes.list', { format: 'csv', attributes: { type: 'some', list: [] } }],
    ['filter.type', { format: 'csv', filter: { ...filter, type: 'segmentation' } }],
  ])('with a wrong %s names the field', async (field, body) => {
    const { send } = await start();
    const { status, json } = await send(body);
    expect(status).toBe(400);
    expect(json.errors[field]).toEqual([expect.any(String)]);
  });

  it('with missing or wrong credentials is refused', async () => {
    const { send } = await start();
    expect((await send({ format: 'csv' }, { authorization: '' })).status).toBe(401);
    const wrong = await send({ format: 'csv' }, { authorization: basicAuth('sandbox-key', 'wrong') });
    expect(wrong).toMatchObject({ status: 400, json: { error: 'Could not authenticate' } });
  });
});

describe('a fault during the answer', () => {
  const body = { attributes: some(registered), format: 'native_json' };

  it('hang-midway sends the first part and then stalls', async () => {
    const { sandbox } = await start({ faults: [{ target: 'export', fault: 'hang-midway' }] });
    const { projectToken, apiKeyId, apiSecret } = sandbox.credentials;
    const caller = new AbortController();
    const response = await fetch(
      `${sandbox.bloomreachUrl}/data/v2/projects/${projectToken}/customers/export`,
      {
        method: 'POST',
        headers: { authorization: basicAuth(apiKeyId, apiSecret) },
        body: JSON.stringify(body),
        signal: caller.signal,
      },
    );
    const reader = response.body!.getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toMatch(/^\{"success":true,"fields"/);
    const [entry] = sandbox.witness.entries();
    expect(entry).toMatchObject({ status: 200, fault: 'hang-midway', ms: undefined });
    const rest = reader.read();
    caller.abort();
    await expect(rest).rejects.toThrow('aborted');
    await eventually(() => expect(entry?.ms).toEqual(expect.any(Number)));
  });

  it('cut-midway closes the connection', async () => {
    const { send } = await start({ faults: [{ target: 'export', fault: 'cut-midway' }] });
    await expect(send(body)).rejects.toThrow('terminated');
  });

  it('broken-json sends a truncated body as if it were whole', async () => {
    const { send } = await start({ faults: [{ target: 'export', fault: 'broken-json' }] });
    const { status, text, json } = await send(body);
    expect({ status, json }).toEqual({ status: 200, json: undefined });
    expect(text).toMatch(/^\{"success":true,"fields"/);
  });

  it('slow sends the whole body', async () => {
    const { send } = await start();
    const quick = await send(body);
    const { sandbox, send: sendSlowly } = await start({ faults: [{ target: 'export', fault: 'slow' }] });
    expect((await sendSlowly(body)).text).toBe(quick.text);
    expect(sandbox.witness.entries()[0]).toMatchObject({ fault: 'slow', status: 200 });
  });

  it('works for any other call', async () => {
    const { sandbox, track } = await start({ faults: [{ target: 'customers', fault: 'cut-midway' }] });
    const answered = track('customers', { customer_ids: { registered: 'c-1' }, properties: { a: 1 } });
    await expect(answered).rejects.toThrow('terminated');
    expect(sandbox.customers.properties('registered:c-1')).toEqual({ a: 1 });
  });
});

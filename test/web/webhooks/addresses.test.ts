/** Addresses with slashes too many, and compressed bodies. */

import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ACCOUNT, customer, PROJECT, startEndpoint, TOKEN } from './endpoint-under-test.ts';

describe('an address with slashes too many is accepted', () => {
  it.each([
    '/webhooks/bloomreach/loyalty/create/',
    '//webhooks/bloomreach/loyalty/create',
    '/webhooks//bloomreach/loyalty//create//',
    '/webhooks/bloomreach/loyalty/create/?source=scenario',
  ])('%s', async (path) => {
    const { send, accepted } = await startEndpoint();
    expect(await send({ path, body: customer(1) })).toMatchObject({ status: 200, body: { success: true } });
    expect(accepted).toHaveLength(1);
  });

  it.each([`/accounts/${ACCOUNT}/passes/?program=loyalty`, `//accounts/${ACCOUNT}//passes?program=loyalty`])(
    '%s',
    async (path) => {
      const { send } = await startEndpoint();
      const { body } = await send({ path, body: {} });
      expect(JSON.stringify(body)).not.toContain('unknown address');
    },
  );

  it('of events', async () => {
    const { send, events } = await startEndpoint();
    const body = { customer_ids: { registered: 'w-1' }, event_type: 'passmachine' };
    expect((await send({ path: `/track/v2/projects/${PROJECT}//customers/events/`, body })).status).toBe(200);
    expect(events).toHaveLength(1);
  });
});

/** Sends raw bytes, which `send` cannot. */
async function sendBytes(url: string, bytes: Buffer, encoding: string) {
  const response = await fetch(`${url}/webhooks/bloomreach/loyalty/create`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-encoding': encoding },
    body: new Uint8Array(bytes),
  });
  return { status: response.status, text: await response.text() };
}

describe('a compressed body', () => {
  const plain = Buffer.from(JSON.stringify(customer(1)));
  it.each([
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['GZIP', gzipSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['gzip, br', brotliCompressSync(gzipSync(plain))],
    ['identity', plain],
  ])('in %s is decoded', async (encoding, bytes) => {
    const { server, accepted } = await startEndpoint();
    expect(await sendBytes(server.url, bytes, encoding)).toMatchObject({ status: 200 });
    expect(accepted).toHaveLength(1);
  });

  it.each([
    ['gzip', plain, 'the body is not gzip'],
    ['lzma', plain, 'is not supported'],
    ['gzip, gzip, gzip', gzipSync(plain), 'is not supported'],
    ['gzip', gzipSync(Buffer.alloc(17 * 1024 * 1024)), 'larger than'],
  ])('in %s that cannot be decoded is refused in JSON', async (encoding, bytes, problem) => {
    const { server, accepted } = await startEndpoint();
    const { status, text } = await sendBytes(server.url, bytes, encoding);
    expect([status, JSON.parse(text)]).toEqual([
      422,
      {
        success: false,
        errors: [{ code: 'INVALID_REQUEST', description: expect.stringContaining(problem) }],
      },
    ]);
    expect(accepted).toHaveLength(0);
  });
});

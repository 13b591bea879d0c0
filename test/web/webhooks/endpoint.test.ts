/** Limits of an endpoint, its graceful stop, and the security headers of its answers. */

import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { customer, startEndpoint, TOKEN } from './endpoint-under-test.ts';

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Starts a request of the maximum size and sends only its first byte. */
async function startLongRequest(url: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const head = [
    'POST /webhooks/bloomreach/loyalty/create HTTP/1.1',
    'host: x',
    `authorization: Bearer ${TOKEN}`,
    `content-length: ${MAX_BODY_BYTES}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n[`);
  return socket;
}

describe('an endpoint', () => {
  it('accepts 128 MB at once, answers 500 beyond that, and recovers when senders disconnect', async () => {
    const { server, send } = await startEndpoint();
    const sockets = await Promise.all(Array.from({ length: 8 }, () => startLongRequest(server.url)));
    await eventually(async () => expect((await send({ body: customer(1) })).status).toBe(500));
    for (const socket of sockets) socket.destroy();
    await eventually(async () => expect((await send({ body: customer(2) })).status).toBe(200));
  });

  it('answers accepted requests before it stops', async () => {
    const { server, send, accepted, ledger } = await startEndpoint();
    const gate = new EventEmitter();
    ledger.answers = once(gate, 'open');
    const answers = Array.from({ length: 20 }, (_, n) => send({ body: customer(n) }));
    await eventually(() => expect(accepted).toHaveLength(20));
    const stopped = server.stop();
    gate.emit('open');
    await stopped;
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(20).fill(200));
  });

  it('sends headers that make its answers useless to a browser', async () => {
    const { send } = await startEndpoint();
    for (const path of ['/webhooks/bloomreach/loyalty/create', '/healthz']) {
      const { headers } = await send({ path, method: 'GET' });
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain('default-src');
    }
  });
});

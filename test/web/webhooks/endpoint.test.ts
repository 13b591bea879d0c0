/** What a door takes in at once, and what its answers tell browsers. */

import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { customer, startEndpoint, TOKEN } from './endpoint-under-test.ts';

const LONGEST = 16 * 1024 * 1024;

/** Begins a request of the longest kind and sends next to nothing of it. */
async function beginLong(url: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const head = [
    'POST /webhooks/bloomreach/loyalty/create HTTP/1.1',
    'host: x',
    `authorization: Bearer ${TOKEN}`,
    `content-length: ${LONGEST}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n[`);
  return socket;
}

describe('a door', () => {
  it('takes 128 MB at once, has more sent again, and gets room back from those who leave', async () => {
    const { server, send } = await startEndpoint();
    const sockets = await Promise.all(Array.from({ length: 8 }, () => beginLong(server.url)));
    await eventually(async () => expect((await send({ body: customer(1) })).status).toBe(500));
    for (const socket of sockets) socket.destroy();
    await eventually(async () => expect((await send({ body: customer(2) })).status).toBe(200));
  });

  it('answers what it has taken before it stops', async () => {
    const { server, send, taken, ledger } = await startEndpoint();
    const gate = new EventEmitter();
    ledger.answers = once(gate, 'open');
    const answers = Array.from({ length: 20 }, (_, n) => send({ body: customer(n) }));
    await eventually(() => expect(taken).toHaveLength(20));
    const stopped = server.stop();
    gate.emit('open');
    await stopped;
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(20).fill(200));
  });

  it('is of no use to a browser', async () => {
    const { send } = await startEndpoint();
    for (const path of ['/webhooks/bloomreach/loyalty/create', '/healthz']) {
      const { headers } = await send({ path, method: 'GET' });
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain('default-src');
    }
  });
});

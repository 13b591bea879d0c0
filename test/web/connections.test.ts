/** How the connections of a server end when it stops. */

import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { sleep } from '../../src/kit/clock.ts';
import { connectionLimits, makeStop } from '../../src/web/connections.ts';

const WITHIN_MS = 5000;

async function openServer() {
  const server = Fastify(connectionLimits);
  const stop = makeStop(server, WITHIN_MS);
  onTestFinished(stop);
  server.get('/', async () => 'here');
  await server.listen({ port: 0 });
  const { port } = server.server.address() as AddressInfo;
  return { server, stop, open: () => connect(port, '127.0.0.1') };
}

it('answers a request whose connection was accepted just before the stop', async () => {
  const { server, stop, open } = await openServer();
  const accepted = once(server.server, 'connection');
  const client = open();
  await accepted;
  const stopped = stop();
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect(await text(client)).toMatch(/^HTTP\/1\.1 200 [\s\S]*here$/);
  await stopped;
});

it('does not wait for a connection that sends nothing', async () => {
  const { server, stop, open } = await openServer();
  const accepted = once(server.server, 'connection');
  const client = open();
  client.resume();
  await accepted;
  const ended = once(client, 'close');
  // Compared with a timer in the same process, because a busy machine delays both.
  const late = sleep(WITHIN_MS).then(() => 'late');
  const stopped = Promise.all([stop(), ended]).then(() => 'stopped');
  expect(await Promise.race([stopped, late])).toBe('stopped');
});

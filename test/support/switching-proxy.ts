/** One TCP address in front of several servers, as a managed Redis has: a switch applies to new connections only. */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface SwitchingProxy {
  port: number;
  /** New connections go there; existing ones stay where they are. */
  switchTo(port: number): void;
  /** Bytes that clients have sent so far. */
  sent(): number;
}

export async function startSwitchingProxy(target: number): Promise<SwitchingProxy> {
  let current = target;
  let sent = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(current, '127.0.0.1');
    client.on('data', (bytes) => (sent += bytes.length));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return { port: address.port, switchTo: (port) => (current = port), sent: () => sent };
}

/** An HTTP proxy as companies run it: forwards http:// calls, opens tunnels, and may want credentials. */

import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { onTestFinished } from 'vitest';

interface ProxyOptions {
  /** `user:password` that callers must present. */
  credentials?: string;
  /** Never answers a CONNECT. */
  hangs?: boolean;
}

/** Starts a proxy that resolves every host to this machine. `calls` lists what it was asked for, e.g. `CONNECT a.test:443`. */
export async function startForwardProxy({ credentials, hangs = false }: ProxyOptions = {}) {
  const calls: string[] = [];
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;

  const server = createServer((incoming, outgoing) => {
    calls.push(`${incoming.method} ${incoming.url}`);
    if (wanted !== undefined && incoming.headers['proxy-authorization'] !== wanted) {
      outgoing.writeHead(407).end('credentials, please');
      return;
    }
    const { port, pathname, search } = new URL(incoming.url ?? '');
    const { 'proxy-authorization': _own, ...headers } = incoming.headers;
    const options = { port, host: '127.0.0.1', path: pathname + search, method: incoming.method, headers };
    const forwarded = request(options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  server.on('connect', (incoming, socket, head: Buffer) => {
    calls.push(`CONNECT ${incoming.url}`);
    socket.on('error', () => {});
    if (hangs) return;
    if (wanted !== undefined && incoming.headers['proxy-authorization'] !== wanted) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const target = connect(Number(incoming.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('close', () => target.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, calls };
}

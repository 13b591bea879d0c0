/** An HTTP proxy in front of a sandbox that can answer with an error that repeats the request. */

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { onTestFinished } from 'vitest';

export interface ProxiedRequest {
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Chooses the fault of a request: a status with an echo or a text, `crash` to drop the connection, or none. */
type ChooseFault = (
  request: ProxiedRequest,
) => number | { status: number; text: string } | 'crash' | undefined;

/** Starts a proxy. `answers` lists the responses of the sandbox that it forwarded. */
export async function startEchoingProxy(target: string, chooseFault: ChooseFault) {
  const answers: string[] = [];
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const received = {
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    };
    const fault = chooseFault(received);
    if (fault === 'crash') return void incoming.socket.destroy();
    if (fault !== undefined) {
      // A 503 without it does not prove that nothing was made.
      const status = typeof fault === 'number' ? fault : fault.status;
      const retryAfter = status === 503 && { 'retry-after': '0' };
      outgoing.writeHead(status, { 'content-type': 'application/json', ...retryAfter });
      if (typeof fault !== 'number') return void outgoing.end(fault.text);
      // passbridge truncates the details of an error, so the credentials come first.
      const { authorization } = received.headers;
      const error = JSON.stringify({ authorization, url: received.url, body: received.body });
      return void outgoing.end(JSON.stringify({ error }));
    }
    const { host: _host, 'content-length': _length, connection: _connection, ...headers } = received.headers;
    const answer = await request(target + received.url, {
      method: incoming.method as 'GET',
      headers,
      ...(received.body !== '' && { body: received.body }),
    });
    const text = await answer.body.text();
    answers.push(text);
    outgoing.writeHead(answer.statusCode, {
      'content-type': String(answer.headers['content-type'] ?? 'text/plain'),
    });
    return void outgoing.end(text);
  };

  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, answers };
}

/** Stands before a sandbox, and where it is told to answers with an error that says back all it was sent. */

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { onTestFinished } from 'vitest';

export interface Asked {
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What becomes of a request: a status with an echo, `crash` for no answer at all, or nothing special. */
export type RowResult = (asked: Asked) => number | 'crash' | undefined;

/** `answers`: what went through, as the sandbox answered it. */
export async function startEchoingProxy(target: string, rowResultOf: RowResult) {
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
    const asked = {
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    };
    const result = rowResultOf(asked);
    if (result === 'crash') return void incoming.socket.destroy();
    if (result !== undefined) {
      outgoing.writeHead(result, { 'content-type': 'application/json' });
      // Details are cut: what matters stands in front.
      const { authorization } = asked.headers;
      const error = JSON.stringify({ authorization, url: asked.url, body: asked.body });
      return void outgoing.end(JSON.stringify({ error }));
    }
    const { host: _host, 'content-length': _length, connection: _connection, ...headers } = asked.headers;
    const answer = await request(target + asked.url, {
      method: incoming.method as 'GET',
      headers,
      ...(asked.body !== '' && { body: asked.body }),
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

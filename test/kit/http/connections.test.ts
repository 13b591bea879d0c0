import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeHttpClient } from '../../../src/kit/http/client.ts';

interface IdleServer {
  /** Returns after how many ms a connection without a call is closed. */
  idleMs: () => number;
  /** `Keep-Alive` header of the answers. */
  promise?: string;
}

/** Starts a server that closes idle connections as it likes, and a client. `made` counts how often it got each body. */
async function start({ idleMs, promise }: IdleServer) {
  const made = new Map<string, number>();
  const timers = new WeakMap<Socket, NodeJS.Timeout>();
  let connections = 0;
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    clearTimeout(timers.get(request.socket));
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      made.set(body, (made.get(body) ?? 0) + 1);
      if (promise !== undefined) response.setHeader('keep-alive', promise);
      response.end('{}');
      const { socket } = request;
      timers.set(
        socket,
        setTimeout(() => socket.destroy(), idleMs()),
      );
    });
  });
  server.on('connection', () => (connections += 1));
  await listen(server);
  const { port } = server.address() as AddressInfo;
  const http = makeHttpClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 60_000 });
  onTestFinished(() => http.close());
  return { http, made, connections: () => connections };
}

async function listen(server: Server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
}

describe('connections to a server that closes idle ones', () => {
  it(
    'lose and double none of 2,000 creates if it closes them after 0 to 10 ms',
    { timeout: 120_000 },
    async () => {
      const { http, made } = await start({ idleMs: () => Math.random() * 10 });
      let next = 0;
      const failures: unknown[] = [];
      const caller = async () => {
        while (next < 2000) {
          const body = String((next += 1));
          const result = await http.send({ method: 'POST', path: '/', body });
          if (!result.answered) failures.push(result);
          await sleep(Math.random() * 12);
        }
      };
      await Promise.all(Array.from({ length: 10 }, caller));
      expect(failures).toEqual([]);
      expect(made.size).toBe(2000);
      expect([...made.values()].filter((count) => count !== 1)).toEqual([]);
    },
  );

  it('are used again within the time that the server promises', async () => {
    const { http, connections } = await start({ idleMs: () => 60_000, promise: 'timeout=60, max=100' });
    for (let n = 0; n < 20; n += 1) await http.send({ method: 'POST', path: '/', body: String(n) });
    expect(connections()).toBe(1);
  });

  it('are not used again if the server promises no time', async () => {
    const { http, connections } = await start({ idleMs: () => 60_000, promise: 'timeout=0' });
    for (let n = 0; n < 5; n += 1) await http.send({ method: 'POST', path: '/', body: String(n) });
    expect(connections()).toBe(5);
  });

  it('are used again once one was seen to stay open', async () => {
    const { http, connections } = await start({ idleMs: () => 60_000 });
    await http.send({ method: 'POST', path: '/', body: 'first' });
    await sleep(1200);
    await http.send({ method: 'POST', path: '/', body: 'second' });
    expect(connections()).toBe(2);
    for (let n = 0; n < 20; n += 1) await http.send({ method: 'POST', path: '/', body: String(n) });
    expect(connections()).toBe(2);
  });

  it('repeat a PATCH on a new connection if the server closed the old one as it left', async () => {
    let closes = false;
    let requests = 0;
    const server = createServer((request, response) => {
      requests += 1;
      if (closes && requests === 2) request.socket.destroy();
      else response.end('{}');
    });
    await listen(server);
    const { port } = server.address() as AddressInfo;
    const http = makeHttpClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 60_000 });
    onTestFinished(() => http.close());
    await http.send({ method: 'POST', path: '/', body: '{}' });
    closes = true;
    expect(await http.send({ method: 'PATCH', path: '/', body: '[]' })).toMatchObject({ status: 200 });
    expect(requests).toBe(3);
  });

  it('do not repeat a create, because the server may have carried it out', async () => {
    let requests = 0;
    const server = createServer((request, response) => {
      requests += 1;
      if (requests === 2) request.socket.destroy();
      else response.end('{}');
    });
    await listen(server);
    const { port } = server.address() as AddressInfo;
    const http = makeHttpClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 60_000 });
    onTestFinished(() => http.close());
    await http.send({ method: 'POST', path: '/', body: '{}' });
    expect(await http.send({ method: 'POST', path: '/', body: '{}' })).toMatchObject({
      answered: false,
      sent: true,
    });
    expect(requests).toBe(2);
  });
});

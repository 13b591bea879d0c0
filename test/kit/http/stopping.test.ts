import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { makeHttpClient } from '../../../src/kit/http/client.ts';

/** Starts a server that answers each request when told to. */
async function startServer() {
  const answers: (() => void)[] = [];
  const server = createServer((_request, response) => answers.push(() => response.end('{}'))).listen(
    0,
    '127.0.0.1',
  );
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}`, answers, server };
}

const call = { method: 'POST', path: '/passes', body: '{}' } as const;

it('answers the calls in flight and begins none once the process stops', async () => {
  const { baseUrl, answers, server } = await startServer();
  const stopping = new AbortController();
  const http = makeHttpClient({ baseUrl, timeoutMs: 10_000, stopping: stopping.signal });
  const arrived = once(server, 'request');
  const inFlight = http.send(call);
  await arrived;
  // Waits for a connection of its own when the process stops.
  const queued = http.send(call);
  stopping.abort();
  const later = http.send(call);

  const notBegun = { answered: false, sent: false, reason: 'stopping' };
  expect(await queued).toMatchObject(notBegun);
  expect(await later).toMatchObject(notBegun);
  answers[0]?.();
  expect(await inFlight).toMatchObject({ answered: true, status: 200 });
  expect(answers).toHaveLength(1);
  await http.close();
});

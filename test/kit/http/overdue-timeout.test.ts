/** A process that was suspended: its timers are overdue, and answers wait in its sockets. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { withDeadline } from '../../../src/kit/deadline.ts';
import { makeHttpClient } from '../../../src/kit/http/client.ts';

const TIMEOUT_MS = 400;
const ANSWER_MS = 100;

/** A server in a thread of its own, so that it answers while this thread is blocked. `hangs`: it never answers. */
async function startServer(hangs = false): Promise<string> {
  const worker = new Worker(
    `const { createServer } = require('node:http');
     const { parentPort } = require('node:worker_threads');
     const answer = (response) => response.end(JSON.stringify({ id: 'x'.repeat(50_000) }));
     const server = createServer((request, response) => {
       if (!${hangs}) setTimeout(() => answer(response), ${ANSWER_MS});
     });
     server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
    { eval: true },
  );
  onTestFinished(async () => void (await worker.terminate()));
  const [port] = (await once(worker, 'message')) as [number];
  return `http://127.0.0.1:${port}`;
}

/**
 * Lets requests leave, then suspends this thread as SIGSTOP does: no timer and no socket is served. Begins outside of
 * the loop's timers, as SIGSTOP nearly always does, so that they come first when the thread continues.
 */
async function suspend(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ANSWER_MS / 2));
  await new Promise((resolve) => setImmediate(resolve));
  block(ms);
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('after the process was suspended for longer than its timeout', () => {
  it('takes the answers that have arrived', async () => {
    const http = makeHttpClient({ baseUrl: await startServer(), timeoutMs: TIMEOUT_MS });
    onTestFinished(http.close);
    const results = Array.from({ length: 10 }, () => http.send({ method: 'POST', path: '/', body: '{}' }));
    await suspend(3 * TIMEOUT_MS);
    for (const result of await Promise.all(results))
      expect(result).toMatchObject({ answered: true, status: 200 });
  });

  it('does not send a request that was still connecting: it may be repeated', async () => {
    const http = makeHttpClient({ baseUrl: await startServer(), timeoutMs: TIMEOUT_MS });
    onTestFinished(http.close);
    await new Promise((resolve) => setImmediate(resolve));
    const result = http.send({ method: 'POST', path: '/', body: '{}' });
    // Time for undici and Node to begin to connect, but not to notice that the connection is open.
    for (let tick = 0; tick < 10; tick += 1) await new Promise((resolve) => process.nextTick(resolve));
    block(3 * TIMEOUT_MS);
    expect(await result).toMatchObject({ answered: false, sent: false });
  });

  it('still times out without an answer', async () => {
    const http = makeHttpClient({ baseUrl: await startServer(true), timeoutMs: TIMEOUT_MS });
    onTestFinished(http.close);
    const result = http.send({ method: 'POST', path: '/', body: '{}' });
    await suspend(3 * TIMEOUT_MS);
    expect(await result).toMatchObject({ answered: false, sent: true, reason: 'timeout' });
  });

  it('takes work that only waits for such an answer', async () => {
    const url = await startServer();
    const work = withDeadline(
      TIMEOUT_MS,
      async (signal) => (await fetch(url, { signal })).status,
      () => new Error('late'),
    );
    await suspend(3 * TIMEOUT_MS);
    expect(await work).toBe(200);
  });
});

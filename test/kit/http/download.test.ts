import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/kit/clock.ts';
import { makeDownloader } from '../../../src/kit/http/download.ts';
import { eventually } from '../../support/eventually.ts';

async function start(answer: RequestListener, stallMs = 60_000) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/below/`;
  const downloader = makeDownloader({ baseUrl, stallMs, clock: systemClock });
  onTestFinished(async () => {
    await downloader.close();
    server.closeAllConnections();
    server.close();
  });
  return downloader;
}

const request = { method: 'POST', path: '/export', body: '{}' } as const;
const ignore = async () => {};

describe('a download', () => {
  it('applies backpressure while a chunk is processed, without timing out', async () => {
    const STALL_MS = 500;
    const CHUNKS = 4000;
    let sent = 0;
    function* chunks() {
      for (; sent < CHUNKS; sent += 1) yield Buffer.alloc(64 * 1024);
    }
    const downloader = await start((_request, response) => {
      pipeline(Readable.from(chunks()), response).catch(() => {});
    }, STALL_MS);
    const gate = new EventEmitter();
    const opened = once(gate, 'open');
    let received = 0;
    const result = downloader.download({
      ...request,
      async onChunk(chunk) {
        received += chunk.length;
        await opened;
      },
    });

    const blockedSince = performance.now();
    let before = -1;
    await eventually(() => {
      const now = sent;
      const isBlocked = now === before && now > 0 && performance.now() - blockedSince > 2 * STALL_MS;
      before = now;
      if (!isBlocked) throw new Error(`still sending: ${now} chunks`);
    });
    // Only the chunks that fit into the buffers of both sockets were sent.
    expect(sent).toBeLessThan(CHUNKS / 4);
    gate.emit('open');
    expect(await result).toEqual({ kind: 'received', hasLength: true });
    expect(received).toBe(CHUNKS * 64 * 1024);
  });

  it('resolves the path against the base URL', async () => {
    const downloader = await start(({ method, url }, response) => response.end(`${method} ${url}`));
    let text = '';
    await downloader.download({ ...request, onChunk: async (chunk) => void (text += chunk.toString()) });
    expect(text).toBe('POST /below/export');
  });

  it('rethrows errors of onChunk and closes the connection', async () => {
    let open = true;
    const downloader = await start((_request, response) => {
      response.on('close', () => (open = false));
      response.write('a');
    });
    const full = new Error('no space');
    const onChunk = () => Promise.reject(full);
    await expect(downloader.download({ ...request, onChunk })).rejects.toBe(full);
    await eventually(() => expect(open).toBe(false));
  });

  it('does not start if the signal is already aborted', async () => {
    let calls = 0;
    const downloader = await start((_request, response) => {
      calls += 1;
      response.end();
    });
    const result = await downloader.download({ ...request, onChunk: ignore, signal: AbortSignal.abort() });
    expect(result).toMatchObject({ kind: 'broken', reason: 'aborted' });
    expect(calls).toBe(0);
  });
});

import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/kit/clock.ts';
import { makeDownloader } from '../../../src/kit/http/http-download.ts';
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
  it('lets the other side wait while a piece is being taken, however long', async () => {
    const STALL_MS = 500;
    const PIECES = 4000;
    let made = 0;
    function* pieces() {
      for (; made < PIECES; made += 1) yield Buffer.alloc(64 * 1024);
    }
    const downloader = await start((_request, response) => {
      pipeline(Readable.from(pieces()), response).catch(() => {});
    }, STALL_MS);
    const gate = new EventEmitter();
    const opened = once(gate, 'open');
    let taken = 0;
    const result = downloader.download({
      ...request,
      async take(piece) {
        taken += piece.length;
        await opened;
      },
    });

    const heldSince = performance.now();
    let before = -1;
    await eventually(() => {
      const now = made;
      const still = now === before && now > 0 && performance.now() - heldSince > 2 * STALL_MS;
      before = now;
      if (!still) throw new Error(`still sending: ${now} pieces`);
    });
    // What fits into the buffers of two sockets, and never all of it.
    expect(made).toBeLessThan(PIECES / 4);
    gate.emit('open');
    expect(await result).toEqual({ kind: 'received', measured: true });
    expect(taken).toBe(PIECES * 64 * 1024);
  });

  it('goes below the path of the base URL', async () => {
    const downloader = await start(({ method, url }, response) => response.end(`${method} ${url}`));
    let text = '';
    await downloader.download({ ...request, take: async (piece) => void (text += piece.toString()) });
    expect(text).toBe('POST /below/export');
  });

  it('throws on what the taker throws, and breaks the connection', async () => {
    let open = true;
    const downloader = await start((_request, response) => {
      response.on('close', () => (open = false));
      response.write('a');
    });
    const full = new Error('no space');
    const take = () => Promise.reject(full);
    await expect(downloader.download({ ...request, take })).rejects.toBe(full);
    await eventually(() => expect(open).toBe(false));
  });

  it('is not begun once it is given up', async () => {
    let calls = 0;
    const downloader = await start((_request, response) => {
      calls += 1;
      response.end();
    });
    const result = await downloader.download({ ...request, take: ignore, signal: AbortSignal.abort() });
    expect(result).toMatchObject({ kind: 'broken', why: 'aborted' });
    expect(calls).toBe(0);
  });
});

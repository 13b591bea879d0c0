import { once } from 'node:events';
import { createServer, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/kit/clock.ts';
import { makeHttpClient } from '../../../src/kit/http/client.ts';
import { makeDownloader } from '../../../src/kit/http/download.ts';

async function serve(status: number, headers: OutgoingHttpHeaders, body: Buffer | string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status, headers).end(body));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answerOf(status: number, headers: OutgoingHttpHeaders, body: Buffer | string) {
  const http = makeHttpClient({ baseUrl: await serve(status, headers, body), timeoutMs: 60_000 });
  onTestFinished(() => http.close());
  return http.send({ method: 'POST', path: '/', body: '{}' });
}

const text = '{"id":"kč-1"}';

it.each([
  ['gzip', 'gzip', gzipSync(text)],
  ['x-gzip in capitals', 'X-GZIP', gzipSync(text)],
  ['brotli', 'br', brotliCompressSync(text)],
  ['deflate', 'deflate', deflateSync(text)],
  ['no coding', 'identity', Buffer.from(text)],
  ['gzip around a byte order mark', 'gzip', gzipSync(`\uFEFF${text}`)],
])('reads an answer in %s', async (_name, coding, body) => {
  expect(await answerOf(200, { 'content-encoding': coding }, body)).toMatchObject({ status: 200, text });
  expect(await answerOf(422, { 'content-encoding': coding }, body)).toMatchObject({ status: 422, text });
});

it('reads an answer with a byte order mark', async () => {
  expect(await answerOf(200, {}, `\uFEFF${text}`)).toMatchObject({ text });
});

it.each([
  ['a coding that is broken', 'gzip', Buffer.from(text)],
  ['a coding that is unknown', 'pack200', Buffer.from(text)],
])('keeps the status of an answer in %s', async (_name, coding, body) => {
  expect(await answerOf(429, { 'content-encoding': coding }, body)).toMatchObject({
    status: 429,
    text: `the body cannot be decoded as ${coding}`,
  });
});

it('does not expand a small answer without limit', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  expect(await answerOf(200, { 'content-encoding': 'gzip' }, bomb)).toMatchObject({
    answered: false,
    sent: true,
    reason: 'response-too-large',
  });
});

it('keeps the status of an error that breaks off', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(429, { 'content-length': 100, 'retry-after': '7' });
    response.write('slow down');
    setImmediate(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const http = makeHttpClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 60_000 });
  onTestFinished(() => http.close());
  const answer = await http.send({ method: 'POST', path: '/', body: '{}' });
  expect(answer).toMatchObject({ answered: true, status: 429, retryAfterMs: 7000 });
});

it.each([
  ['gzip', gzipSync('a,b\n1,2\n')],
  ['br', brotliCompressSync('a,b\n1,2\n')],
])('decodes a download in %s', async (coding, body) => {
  const baseUrl = await serve(200, { 'content-encoding': coding }, body);
  const downloader = makeDownloader({ baseUrl, stallMs: 60_000, clock: systemClock });
  onTestFinished(() => downloader.close());
  let received = '';
  const onChunk = async (chunk: Buffer) => void (received += chunk.toString());
  expect(await downloader.download({ method: 'POST', path: '/', body: '{}', onChunk })).toMatchObject({
    kind: 'received',
  });
  expect(received).toBe('a,b\n1,2\n');
});

it('breaks a download whose compressed body ends early', async () => {
  const whole = gzipSync('a,b\n1,2\n'.repeat(1000));
  const baseUrl = await serve(200, { 'content-encoding': 'gzip' }, whole.subarray(0, whole.length / 2));
  const downloader = makeDownloader({ baseUrl, stallMs: 60_000, clock: systemClock });
  onTestFinished(() => downloader.close());
  const result = await downloader.download({
    method: 'POST',
    path: '/',
    body: '{}',
    onChunk: async () => {},
  });
  expect(result).toMatchObject({ kind: 'broken', reason: 'connection' });
});

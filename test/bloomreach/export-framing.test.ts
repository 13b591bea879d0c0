/** Malformed HTTP answers, sent byte by byte over a bare socket. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startClient } from './export-client.ts';

/** Answers every request with these bytes and closes the connection. */
async function startBare(answer: string) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return startClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

const csv = 'registered\r\nc-1\r\nc-2\r\n';
const json = '{"success":true,"fields":[{"type":"id","id":"registered"}],"data":[["c-1"]]}';
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

function withLength(body: string, length = Buffer.byteLength(body)) {
  return `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n${body}`;
}
const inChunks = (...chunks: string[]) =>
  `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks.join('')}`;
const untilClosed = (body: string) => `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${body}`;

describe('a complete answer', () => {
  it.each([
    ['csv with a length', withLength(csv), 'csv'],
    ['csv in chunks', inChunks(chunk(csv), chunk('c-3\r\n'), chunk('')), 'csv'],
    ['csv with a byte order mark', withLength(`\uFEFF${csv}`), 'csv'],
    ['native_json in chunks', inChunks(chunk(json), chunk('')), 'native_json'],
    ['native_json up to the end of the connection', untilClosed(json), 'native_json'],
  ] as const)('%s is stored', async (_what, answer, format) => {
    const { files, download } = await startBare(answer);
    expect(await download({ format })).toMatchObject({ kind: 'stored' });
    expect(await files()).toEqual(['segment']);
  });
});

describe('a truncated answer', () => {
  it.each([
    ['csv before its length', withLength(csv, 1000), 'csv', 'unreachable'],
    ['native_json before its length', withLength(json, 1000), 'native_json', 'unreachable'],
    ['without the last chunk', inChunks(chunk(csv)), 'csv', 'unreachable'],
    ['in a chunk', inChunks(chunk(csv).slice(0, -5)), 'csv', 'unreachable'],
    ['in its headers', 'HTTP/1.1 200 OK\r\ncontent-le', 'csv', 'unreachable'],
    ['native_json with a matching length', withLength(json.slice(0, -2)), 'native_json', 'truncated'],
    ['csv inside a quote, with a matching length', withLength(`${csv}"c-`), 'csv', 'truncated'],
    ['of 0 bytes', withLength(''), 'csv', 'truncated'],
    ['native_json that ends with the connection', untilClosed(json.slice(0, -1)), 'native_json', 'truncated'],
    ['csv that ends with the connection, so that it may be truncated', untilClosed(csv), 'csv', 'no-length'],
    ['a csv header that ends with the connection', untilClosed('registered\r\n'), 'csv', 'no-length'],
  ] as const)('%s leaves no file', async (_what, answer, format, code) => {
    const { files, download } = await startBare(answer);
    expect(await download({ format })).toMatchObject({ kind: 'failed', problem: { code } });
    expect(await files()).toEqual([]);
  });
});

describe('an answer that is not an export', () => {
  it.each([
    ['a page', withLength('<!DOCTYPE html><p>Log in'), 'csv'],
    ['a page', withLength('<!DOCTYPE html><p>Log in'), 'native_json'],
    ['another JSON', withLength('{"status":"ok"}'), 'csv'],
    ['another JSON', withLength('{"status":"ok"}'), 'native_json'],
    ['a redirect', 'HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n', 'csv'],
  ] as const)('%s is reported as a wrong address', async (_what, answer, format) => {
    const { files, download } = await startBare(answer);
    expect(await download({ format })).toMatchObject({
      problem: { code: 'wrong-address', retryable: false },
    });
    expect(await files()).toEqual([]);
  });

  it('reads only the start of an endless refusal', async () => {
    const endless = `HTTP/1.1 400 Bad Request\r\ncontent-length: 1000000000\r\n\r\n${'x'.repeat(200_000)}`;
    const { download } = await startBare(endless);
    const result = await download();
    expect(result).toMatchObject({ problem: { code: 'refused', status: 400 } });
    expect(result.kind === 'failed' && result.problem.message.length).toBeLessThan(500);
  });
});

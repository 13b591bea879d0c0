/** Styles, scripts and the font as browsers get them. */

import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { addAssets, assetPath } from '../../src/web/assets.ts';
import { renderPage } from '../../src/web/dashboard/layout.tsx';

function openServer() {
  const server = Fastify();
  addAssets(server);
  return server;
}

const get = (url: string, encoding = '') =>
  openServer().inject({ url, headers: encoding === '' ? {} : { 'accept-encoding': encoding } });

/** Bytes that the first load of a page may transfer, without the page itself and the font. */
const BUDGET = 60 * 1024;
const FONT_BUDGET = 64 * 1024;

const isFont = ({ path }: { path: string }) => path.endsWith('.woff2');

it('sends the first load of a page in 60 KB, and the font once', async () => {
  const page = renderPage({
    title: 'Page',
    path: '/',
    viewer: { operator: { name: 'Iva', role: 'viewer' }, zone: 'UTC' },
    children: 'content',
  });
  const paths = new Set([...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path));
  expect(paths.size).toBeGreaterThan(3);
  const sizes = await Promise.all(
    [...paths].map(async (path) => ({ path, bytes: (await get(path, 'br')).rawPayload.length })),
  );
  const total = (some: typeof sizes) => some.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(total(sizes.filter((one) => !isFont(one))) + Buffer.byteLength(page)).toBeLessThan(BUDGET);
  expect(total(sizes.filter(isFont))).toBeLessThan(FONT_BUDGET);
});

it('lets browsers keep a file for good under the hash of its content', async () => {
  const path = assetPath('passbridge.css');
  expect(path).toMatch(/^\/assets\/[0-9a-f]{12}\/passbridge\.css$/);
  const { headers, statusCode } = await get(path);
  expect(statusCode).toBe(200);
  expect(headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': 'text/css; charset=utf-8',
    vary: 'accept-encoding',
  });
});

it('serves pages of another version during an upgrade, without letting browsers keep the file', async () => {
  const answer = await get('/assets/000000000000/main.js');
  expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-cache']);
});

it('compresses with Brotli or gzip, as the browser accepts, and never a font', async () => {
  const path = assetPath('passbridge.css');
  const plain = await get(path);
  const [br, gz] = [await get(path, 'gzip, deflate, br'), await get(path, 'gzip')];
  expect([plain, br, gz].map(({ headers }) => headers['content-encoding'])).toEqual([
    undefined,
    'br',
    'gzip',
  ]);
  expect(brotliDecompressSync(br.rawPayload)).toEqual(plain.rawPayload);
  expect(gunzipSync(gz.rawPayload)).toEqual(plain.rawPayload);
  expect(br.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3);
  const font = await get(assetPath('inter-latin.woff2'), 'br');
  expect(font.headers['content-encoding']).toBeUndefined();
  expect(font.rawPayload.subarray(0, 4).toString()).toBe('wOF2');
});

it('refuses names that are not in its list', async () => {
  for (const name of ['nothing.css', 'constructor', '..%2Fpackage.json'])
    expect((await get(`/assets/000000000000/${name}`)).statusCode).toBe(404);
});

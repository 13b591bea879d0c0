/**
 * Styles, scripts and the font of the pages, all served from this machine. Their path contains a hash of all of them, so
 * browsers keep them for good and an upgrade takes effect immediately.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { dependencyFile, packageFolder } from '../kit/runtime/package-files.ts';

const styles = join(packageFolder, 'assets', 'styles');
const clientScripts = join(packageFolder, 'dist', 'web', 'client');

/** In the order in which they are joined. */
const styleSheets = ['tokens', 'base', 'layout', 'controls', 'surfaces', 'data', 'cards', 'utilities'];

/** Later layers win. */
const LAYERS = '@layer reset, tokens, base, layout, components, utilities;\n';

/** Paths on disk by the name below `/assets/:version/`; a file is made of all its parts. */
const files = {
  'passbridge.css': styleSheets.map((name) => join(styles, `${name}.css`)),
  'inter-latin.woff2': [dependencyFile('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2')],
  'inter-latin-ext.woff2': [
    dependencyFile('@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2'),
  ],
  'htmx.min.js': [dependencyFile('htmx.org/dist/htmx.min.js')],
  'tus.min.js': [dependencyFile('tus-js-client/dist/tus.min.js')],
  'main.js': [join(clientScripts, 'main.js')],
  'live.js': [join(clientScripts, 'live.js')],
  'live-stream.js': [join(clientScripts, 'live-stream.js')],
  'live-worker.js': [join(clientScripts, 'live-worker.js')],
  'upload.js': [join(clientScripts, 'upload.js')],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type AssetName = keyof typeof files;

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.woff2': 'font/woff2',
};

interface Assets {
  /** Identifies the content of all files. */
  version: string;
  contents: ReadonlyMap<string, Buffer>;
}

let loaded: Assets | undefined;

/** Read once, because the files of an installed package do not change. */
function assets(): Assets {
  loaded ??= loadAssets();
  return loaded;
}

function loadAssets(): Assets {
  const contents = new Map(
    Object.entries(files).map(([name, parts]) => [
      name,
      Buffer.concat(parts.map((path) => readFileSync(path))),
    ]),
  );
  const css = contents.get('passbridge.css');
  if (css !== undefined) contents.set('passbridge.css', Buffer.concat([Buffer.from(LAYERS), css]));
  const hash = createHash('sha256');
  for (const [name, content] of contents) hash.update(name).update(content);
  return { version: hash.digest('hex').slice(0, 12), contents };
}

/** Returns the path of an asset, e.g. `/assets/1f0c9a2b7d3e/main.js`. */
export function assetPath(name: AssetName): string {
  return `/assets/${assets().version}/${name}`;
}

const FOREVER = 'public, max-age=31536000, immutable';

/** Adds `/assets/:version/:name` to a scope, open to all: the sign-in page needs it. */
export function addAssets(scope: FastifyInstance): void {
  scope.get<{ Params: { version: string; name: string } }>(
    '/assets/:version/:name',
    { config: { role: 'anyone' } },
    async (request, reply) => {
      const { version, name } = request.params;
      const content = assets().contents.get(name);
      if (content === undefined) return reply.callNotFound();
      const encoding = acceptedEncoding(request, name);
      void reply
        .type(contentTypes[extname(name)] ?? 'application/octet-stream')
        // During an upgrade a page of one version may reach a server of another.
        .header('cache-control', version === assets().version ? FOREVER : 'no-cache')
        .header('vary', 'accept-encoding');
      if (encoding === undefined) return reply.send(content);
      return reply.header('content-encoding', encoding).send(await compressed(name, content, encoding));
    },
  );
}

const compressors = { br: promisify(brotliCompress), gzip: promisify(gzip) };

type Encoding = keyof typeof compressors;

/** Returns the best encoding that the client accepts; none for fonts, which are compressed already. */
function acceptedEncoding({ headers }: FastifyRequest, name: string): Encoding | undefined {
  if (name.endsWith('.woff2')) return undefined;
  const accepted = new Set((headers['accept-encoding'] ?? '').split(',').map((one) => one.trim()));
  return (['br', 'gzip'] as const).find((encoding) => accepted.has(encoding));
}

const compressions = new Map<string, Promise<Buffer>>();

/** Compresses each file once, at the highest level: it is sent far more often. */
function compressed(name: string, content: Buffer, encoding: Encoding): Promise<Buffer> {
  const key = `${name} ${encoding}`;
  const known = compressions.get(key) ?? compressors[encoding](content);
  compressions.set(key, known);
  return known;
}

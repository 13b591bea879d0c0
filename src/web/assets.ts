/** Styles and scripts of the pages: a fixed list of files, all served from this machine. */

import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const require = createRequire(import.meta.url);

/** Returns the path of a compiled client script, also if this module runs from its TypeScript source. */
const clientScript = (name: string) =>
  fileURLToPath(
    new URL(
      import.meta.url.endsWith('.ts') ? `../../dist/web/client/${name}` : `client/${name}`,
      import.meta.url,
    ),
  );

/** Paths on disk by the name below `/assets/`. */
const files: Readonly<Record<string, string>> = {
  'tabler.min.css': require.resolve('@tabler/core/dist/css/tabler.min.css'),
  'passbridge.css': fileURLToPath(new URL('../../assets/passbridge.css', import.meta.url)),
  'htmx.min.js': require.resolve('htmx.org/dist/htmx.min.js'),
  'hx-sse.min.js': require.resolve('htmx.org/dist/ext/hx-sse.min.js'),
  'uplot.min.css': require.resolve('uplot/dist/uPlot.min.css'),
  'uplot.js': require.resolve('uplot/dist/uPlot.esm.js'),
  'tus.min.js': require.resolve('tus-js-client/dist/tus.min.js'),
  ...Object.fromEntries(
    ['theme.js', 'main.js', 'charts.js', 'upload.js'].map((name) => [name, clientScript(name)]),
  ),
};

/** Adds `/assets/:name` to a scope, open to all: the sign-in page needs it. */
export async function addAssets(scope: FastifyInstance): Promise<void> {
  // A scope of its own, because other plugins register @fastify/static too.
  await scope.register(async (assets) => {
    await assets.register(fastifyStatic, { root: dirname(clientScript('main.js')), serve: false });
    assets.get<{ Params: { name: string } }>(
      '/assets/:name',
      { config: { role: 'anyone' } },
      async ({ params: { name } }, reply) => {
        const file = Object.hasOwn(files, name) ? files[name] : undefined;
        if (file === undefined) return reply.callNotFound();
        // Revalidated on every load, usually with a 304, so that an upgrade takes effect immediately.
        return reply.sendFile(basename(file), dirname(file), { cacheControl: false, maxAge: 0 });
      },
    );
  });
}

/** What the pages load besides themselves: a fixed list of files, all from this machine. */

import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const require = createRequire(import.meta.url);
/** Scripts of our own lie beside the compiled server; when it runs from its sources, where the build put them. */
const own = (name: string) =>
  fileURLToPath(
    new URL(
      import.meta.url.endsWith('.ts') ? `../../dist/web/client/${name}` : `client/${name}`,
      import.meta.url,
    ),
  );

/** By name below `/assets/`. */
const files: Readonly<Record<string, string>> = {
  'tabler.min.css': require.resolve('@tabler/core/dist/css/tabler.min.css'),
  'passbridge.css': fileURLToPath(new URL('../../assets/passbridge.css', import.meta.url)),
  'htmx.min.js': require.resolve('htmx.org/dist/htmx.min.js'),
  'hx-sse.min.js': require.resolve('htmx.org/dist/ext/hx-sse.min.js'),
  'uplot.min.css': require.resolve('uplot/dist/uPlot.min.css'),
  'uplot.js': require.resolve('uplot/dist/uPlot.esm.js'),
  'tus.min.js': require.resolve('tus-js-client/dist/tus.min.js'),
  ...Object.fromEntries(
    ['theme.js', 'main.js', 'csrf-token.js', 'charts.js', 'upload.js'].map((name) => [name, own(name)]),
  ),
};

/** Adds them to a scope; the sign-in page needs them before anybody has signed in. */
export async function addAssets(scope: FastifyInstance): Promise<void> {
  // In a scope of its own: other parts of the server bring files of theirs.
  await scope.register(async (assets) => {
    await assets.register(fastifyStatic, { root: dirname(own('main.js')), serve: false });
    /** A file of the list; 404 for any other name. */
    assets.get<{ Params: { name: string } }>(
      '/assets/:name',
      { config: { role: 'anyone' } },
      async ({ params: { name } }, reply) => {
        const file = Object.hasOwn(files, name) ? files[name] : undefined;
        if (file === undefined) return reply.callNotFound();
        // Asked for anew each time, and mostly answered with 304: an upgrade is seen at once.
        return reply.sendFile(basename(file), dirname(file), { cacheControl: false, maxAge: 0 });
      },
    );
  });
}

/** Styles and scripts of the pages: a fixed list of files, all served from this machine. */

import { basename, dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { dependencyFile, packageFolder } from '../kit/runtime/package-files.ts';

const clientScripts = join(packageFolder, 'dist', 'web', 'client');

/** Paths on disk by the name below `/assets/`. */
const files: Readonly<Record<string, string>> = {
  'tabler.min.css': dependencyFile('@tabler/core/dist/css/tabler.min.css'),
  'passbridge.css': join(packageFolder, 'assets', 'passbridge.css'),
  'htmx.min.js': dependencyFile('htmx.org/dist/htmx.min.js'),
  'hx-sse.min.js': dependencyFile('htmx.org/dist/ext/hx-sse.min.js'),
  'uplot.min.css': dependencyFile('uplot/dist/uPlot.min.css'),
  'uplot.js': dependencyFile('uplot/dist/uPlot.esm.js'),
  'tus.min.js': dependencyFile('tus-js-client/dist/tus.min.js'),
  ...Object.fromEntries(
    ['theme.js', 'main.js', 'charts.js', 'upload.js'].map((name) => [name, join(clientScripts, name)]),
  ),
};

/** Adds `/assets/:name` to a scope, open to all: the sign-in page needs it. */
export async function addAssets(scope: FastifyInstance): Promise<void> {
  // A scope of its own, because other plugins register @fastify/static too.
  await scope.register(async (assets) => {
    await assets.register(fastifyStatic, { root: clientScripts, serve: false });
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

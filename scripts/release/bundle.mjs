/** Bundles the command line and its dependencies into modules that each command loads as it needs them. */

import { cp, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

/** Native code and drivers that dependencies try to load and can do without. */
const OPTIONAL = /\.node$|^(?:@valkey\/valkey-glide|cpu-features|msgpackr-extract|pg)$/;

/** Files that are not served or run, and have no terms of use. */
const NEEDLESS = /\.map$|\.d\.ts$/;

const source = resolve('src');

/**
 * Writes `dist/` and `vendor/` of a package into a folder; returns the paths of all files of dependencies that they
 * contain. Throws if an import cannot be resolved.
 */
export async function bundle(/** @type {string} */ folder) {
  /** @type {Set<string>} Arguments of dependencyFile() in the sources. */
  const vendored = new Set();
  const build = await rolldown({
    input: 'src/main.ts',
    platform: 'node',
    external: OPTIONAL,
    // Required by dependencies and imported by passbridge: its two builds would both be loaded.
    resolve: { alias: { luxon: installed('luxon/build/node/luxon.js') } },
    transform: { define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' } },
    plugins: [
      {
        name: 'vendored-files',
        transform(code, id) {
          if (!id.startsWith(source)) return;
          for (const path of dependencyFilesIn(code, id)) vendored.add(path);
        },
      },
    ],
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  const { output } = await build.write({
    dir: join(folder, 'dist'),
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    // Error messages and Fastify's plugins show the names of classes and functions.
    keepNames: true,
  });
  await build.close();
  for (const path of vendored) await vendor(path, join(folder, 'vendor'));
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  return [...modules.filter((id) => id.includes('/node_modules/')), ...[...vendored].map(installed)];
}

/** Returns the paths that calls of dependencyFile() name. Throws if one is not a literal. */
export function dependencyFilesIn(/** @type {string} */ code, /** @type {string} */ file) {
  const calls = [...code.matchAll(/(?<!function )\bdependencyFile\((?:'([^']+)'\))?/g)];
  return calls.map(([, path]) => {
    if (path === undefined) throw new Error(`${file}: the argument of dependencyFile() must be a literal`);
    return path;
  });
}

async function vendor(/** @type {string} */ path, /** @type {string} */ folder) {
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  await cp(installed(path), target, { recursive: true, filter: (file) => !NEEDLESS.test(file) });
}

/** Returns the path of a file of a dependency below node_modules. */
function installed(/** @type {string} */ path) {
  return resolve('node_modules', path);
}

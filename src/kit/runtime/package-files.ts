/**
 * Files of the installed package and of its dependencies, found alike from the sources, the build and a release.
 * Imports nothing else, so that every command can load it quickly.
 */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';

/** The folder of the package, whatever the working directory: the nearest one above this module with a package.json. */
export const packageFolder = nearestPackage(import.meta.dirname);

export const examplesFolder = join(packageFolder, 'examples');

/** Returns the path of the programs file's JSON Schema relative to a folder, for editors. */
export function schemaFrom(folder: string): string {
  return relative(folder, join(lastingFolder(), 'schema', 'programs.schema.json'));
}

/** The folder to name in files that outlast this release: the link beside `releases`, see docs/deployment.md. */
function lastingFolder(): string {
  const link = join(packageFolder, '..', '..', 'current');
  return basename(dirname(packageFolder)) === 'releases' && existsSync(link) ? link : packageFolder;
}

/** Returns the version in package.json. */
export function packageVersion(): string {
  const text = readFileSync(join(packageFolder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/**
 * Returns the path of a file or folder of a dependency, e.g. `htmx.org/dist/htmx.min.js`: in a release its copy below
 * `vendor/`, otherwise the one in `node_modules`. The release copies whatever the calls of this function name, so the
 * argument must be a literal. Throws if it does not exist.
 */
export function dependencyFile(path: string): string {
  const installed = createRequire(import.meta.url).resolve.paths(path) ?? [];
  const found = [join(packageFolder, 'vendor'), ...installed]
    .map((folder) => join(folder, path))
    .find((candidate) => existsSync(candidate));
  if (found === undefined)
    throw new Error(`The file ${path} of a dependency is missing; install passbridge again`);
  return found;
}

function nearestPackage(folder: string): string {
  const parent = dirname(folder);
  return parent === folder || existsSync(join(folder, 'package.json')) ? folder : nearestPackage(parent);
}

/** Files of the installed package. Imports nothing else, so that every command can load it quickly. */

import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';

/** The folder of the package, whatever the working directory. */
export const packageFolder = resolve(import.meta.dirname, '..', '..', '..');

export const examplesFolder = resolve(packageFolder, 'examples');

/** Returns the path of the programs file's JSON Schema relative to a folder, for editors. */
export function schemaFrom(folder: string): string {
  return relative(folder, resolve(packageFolder, 'schema', 'programs.schema.json'));
}

/** Returns the version in package.json. */
export function packageVersion(): string {
  const text = readFileSync(resolve(packageFolder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** What comes with the package. */

import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';

/** The package's own folder, from wherever it is run. */
export const packageFolder = resolve(import.meta.dirname, '..', '..', '..');

export const examples = resolve(packageFolder, 'examples');

/** The path of the programs file's JSON Schema from a folder, for an editor that opens a file there. */
export function schemaFrom(folder: string): string {
  return relative(folder, resolve(packageFolder, 'schema', 'programs.schema.json'));
}

/** As package.json says it. */
export function packageVersion(): string {
  const text = readFileSync(resolve(packageFolder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

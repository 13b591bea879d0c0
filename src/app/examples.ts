/** What comes with the package. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The package's own folder, from wherever it is run. */
export const packageFolder = resolve(import.meta.dirname, '..', '..');

export const examples = resolve(packageFolder, 'examples');

/** As package.json says it. */
export function packageVersion(): string {
  const text = readFileSync(resolve(packageFolder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The examples that come with the package. */

import { resolve } from 'node:path';

/** The package's own folder, from wherever it is run. */
export const packageFolder = resolve(import.meta.dirname, '..', '..');

export const examples = resolve(packageFolder, 'examples');

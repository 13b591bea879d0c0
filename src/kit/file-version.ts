/** Tells whether a file is another than before without reading it. */

import { statSync } from 'node:fs';

/** Differs where the file does; empty where there is none. */
export function fileVersion(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.mtimeMs} ${found.size} ${found.ino}`;
}

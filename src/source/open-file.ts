/** Opens an export as a source of customers, whatever it is: its content tells, not its name. */

import type { Source } from '../job/source-row.ts';
import { openCsvFile } from './csv-file.ts';
import { readBytes } from './file-bytes.ts';
import { openJsonLines } from './json-lines-file.ts';
import { openNativeJson } from './native-json-file.ts';
import { SourceError } from './source-error.ts';
import { utf8Text } from './utf8-text.ts';

interface OpenOptions {
  /** Names of id columns, the one that names a customer first. Any other column is an attribute. */
  idTypes: readonly string[];
}

/**
 * Opens CSV, JSON Lines or Bloomreach's `native_json`, gzip or not, and reads its header. Throws
 * {@link SourceError} for a file that cannot be used at all; so do its rows where the rest of it
 * cannot be read for certain.
 */
export async function openFile(path: string, { idTypes }: OpenOptions): Promise<Source> {
  const text = () => utf8Text(path, readBytes(path));
  const start = (await headOf(path, text())).toString('utf8', 0, 1000);
  // Only native_json begins with one of its own members; only JSON begins like JSON.
  if (/^\s*\{\s*"(?:success|fields|data)"\s*:\s*(?:true|false|\[)/.test(start)) {
    return openNativeJson(path, text, idTypes);
  }
  if (/^\s*(?:\{\s*["}]|\[\s*[[{])/.test(start)) return openJsonLines(path, text, idTypes);
  return openCsvFile(path, { idTypes });
}

/** The start of the file. */
async function headOf(path: string, text: AsyncIterable<Buffer>): Promise<Buffer> {
  for await (const head of text) return head;
  throw new SourceError(`${path} is empty. Export it again.`);
}

/** Opens an export as a source of customers, whatever it is: its content tells, not its name. */

import type { Source } from '../domain/campaigns/source-row.ts';
import { openCsv } from './csv/csv-file.ts';
import { openJsonLines } from './json/json-lines-file.ts';
import { openNativeJson } from './json/native-json-file.ts';
import { fileFingerprint, type Fingerprint } from './plain-file.ts';
import { openTextFile } from './text-file.ts';

interface OpenOptions {
  /** Names of id columns, the one that names a customer first. Any other column is an attribute. */
  idTypes: readonly string[];
  /** The file that it must still be; any will do if absent. */
  fingerprint?: Fingerprint;
}

export interface SourceFile extends Source {
  /** Holds for every reading: the rows end with an error once the file is gone or another one. */
  readonly fingerprint: Fingerprint;
}

/**
 * Opens CSV, JSON Lines or Bloomreach's `native_json`, gzip or not, and reads its header. Throws
 * {@link SourceError} for a file that cannot be used at all; so do its rows where the rest of it
 * cannot be read for certain.
 */
export async function openFile(path: string, { idTypes, ...options }: OpenOptions): Promise<SourceFile> {
  const fingerprint = options.fingerprint ?? (await fileFingerprint(path));
  const file = await openTextFile(path, fingerprint);
  const open = openers[formatOf(file.head)];
  return { ...(await open(file, idTypes)), fingerprint };
}

const openers = { csv: openCsv, jsonLines: openJsonLines, nativeJson: openNativeJson };

function formatOf(head: Buffer): keyof typeof openers {
  const start = head.toString('utf8', 0, 1000);
  // An export begins with its own members, in whatever order; an answer in its place says why not.
  if (/^\s*\{\s*("success"\s*:\s*true\s*,\s*)?"(fields|data)"\s*:\s*\[/.test(start)) return 'nativeJson';
  if (/^\s*\{\s*"success"\s*:\s*false\b/.test(start)) return 'nativeJson';
  // Only JSON begins like this.
  return /^\s*(\{\s*["}]|\[\s*[[{])/.test(start) ? 'jsonLines' : 'csv';
}

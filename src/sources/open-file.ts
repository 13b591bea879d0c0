/** Opens an export as a source of customers. Its content decides the format, not its name. */

import type { Source } from '../domain/campaigns/source-row.ts';
import { csv } from './csv/csv.ts';
import { type Fingerprint, fingerprintOf } from './file-bytes.ts';
import { jsonLines } from './json-lines/json-lines.ts';
import { nativeJson } from './native-json/native-json.ts';
import type { Encoding } from '../kit/text/encodings.ts';
import type { SourceFormat } from './source-format.ts';
import { openTextFile } from './text-file.ts';

/** In the order in which they are tried; the last one matches every file. */
const formats: readonly SourceFormat[] = [nativeJson, jsonLines, csv];

interface OpenOptions {
  /** Names of id columns, the one that identifies a customer first. All other columns are attributes. */
  idTypes: readonly string[];
  /** The version that the file must still have; absent: any version. */
  fingerprint?: Fingerprint;
  /** By default UTF-8. Throws {@link EncodingError} with the likeliest one if it is another. */
  encoding?: Encoding;
}

export interface SourceFile extends Source {
  /** Checked on every read: the rows end with an error once the file has been moved, deleted or changed. */
  readonly fingerprint: Fingerprint;
}

/**
 * Opens CSV, JSON Lines or Bloomreach's `native_json`, compressed with gzip or not, and reads its
 * header. Throws {@link SourceError} for a file that cannot be used at all; its rows throw one if the
 * rest of the file cannot be split into rows with certainty.
 */
export async function openFile(path: string, { idTypes, ...options }: OpenOptions): Promise<SourceFile> {
  const fingerprint = options.fingerprint ?? (await fingerprintOf(path));
  const file = await openTextFile(path, fingerprint, options.encoding);
  const format = formats.find(({ matches }) => matches(file.head)) ?? csv;
  return { ...(await format.open(file, idTypes)), fingerprint };
}

/** The text of a file, to be read from the start as often as needed: what every format is read from. */

import { readBytes } from './file-bytes.ts';
import type { Fingerprint } from './plain-file.ts';
import { type RowAtHand, SourceError } from './source-error.ts';
import { utf8Text } from './utf8-text.ts';

export interface TextFile {
  readonly path: string;
  /** The start of the text: some 64 KB, or all of it. */
  readonly head: Buffer;
  /**
   * UTF-8 in chunks cut between characters. `row` tells which row is being read, for an error to
   * name. Throws {@link SourceError} where the file cannot be read, was changed or is no such text.
   */
  text(row?: RowAtHand): AsyncGenerator<Buffer>;
}

/** Throws {@link SourceError} where there is no text at all. */
export async function openTextFile(path: string, fingerprint: Fingerprint): Promise<TextFile> {
  const text = (row?: RowAtHand) => utf8Text(path, readBytes(path, fingerprint), row);
  return { path, head: await headOf(path, text()), text };
}

/** Enough to hold any header; a chunk of a file is usually more, one of a gzip can be a few bytes. */
const HEAD_BYTES = 32 * 1024;

async function headOf(path: string, text: AsyncIterable<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of text) {
      head = Buffer.concat([head, chunk]);
      if (head.length >= HEAD_BYTES) return head;
    }
  } catch (error) {
    // The reader of the rows meets it again, and can tell which row it is in.
    if (head.length === 0) throw error;
  }
  if (head.length === 0) throw new SourceError(`${path} is empty. Export it again.`);
  return head;
}

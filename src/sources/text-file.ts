/**
 * The UTF-8 text of a file, without its byte order mark, from which every format is read. Reading stops
 * at the first invalid byte: a wrong encoding would put a wrong name on every card.
 */

import { isUtf8 } from 'node:buffer';
import { type Fingerprint, readBytes } from './file-bytes.ts';
import { atRow, type CurrentRow, SourceError } from './source-error.ts';

export interface TextFile {
  readonly path: string;
  /** The start of the text: at least 32 KB, or all of it. */
  readonly head: Buffer;
  /**
   * Reads the text from the start, in chunks cut between characters. `row` is named in errors. Throws
   * {@link SourceError} if the file cannot be read, was changed or is not UTF-8 text.
   */
  text(row?: CurrentRow): AsyncGenerator<Buffer>;
}

/** Opens a file. Throws {@link SourceError} if it has no text at all. */
export async function openTextFile(path: string, fingerprint: Fingerprint): Promise<TextFile> {
  const text = (row?: CurrentRow) => utf8Text(path, readBytes(path, fingerprint), row);
  return { path, head: await headOf(path, text()), text };
}

/** Enough for any header. A chunk of a file is usually larger; one of gzip can have a few bytes. */
const HEAD_BYTES = 32 * 1024;

async function headOf(path: string, text: AsyncIterable<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of text) {
      head = Buffer.concat([head, chunk]);
      if (head.length >= HEAD_BYTES) return head;
    }
  } catch (error) {
    // Reading the rows will fail the same way, and can name the row.
    if (head.length === 0) throw error;
  }
  if (head.length === 0) throw new SourceError(`${path} is empty. Export it again.`);
  return head;
}

const BOM = Buffer.from('\uFEFF');
const LINE_FEED = 0x0a;

/** Other kinds of file, by their first bytes. */
const otherKinds: readonly { magic: Buffer; is: string }[] = [
  {
    magic: Buffer.from('PK\u0003\u0004'),
    is: 'a zip archive or an Excel workbook, not CSV. Unpack it, or save the sheet as "CSV UTF-8".',
  },
  {
    magic: Buffer.from('d0cf11e0', 'hex'),
    is: 'an old Excel workbook, not CSV. Save the sheet as "CSV UTF-8".',
  },
  { magic: Buffer.of(0xff, 0xfe), is: `UTF-16, not UTF-8. ${convertFrom('utf-16')}` },
  { magic: Buffer.of(0xfe, 0xff), is: `UTF-16, not UTF-8. ${convertFrom('utf-16')}` },
];

/**
 * Cuts chunks between characters. Throws {@link SourceError} with the line, the row and the byte that is
 * not UTF-8. All text before that byte is yielded first, so that `row` has counted it.
 */
export async function* utf8Text(
  path: string,
  chunks: AsyncIterable<Buffer>,
  row?: CurrentRow,
): AsyncGenerator<Buffer> {
  let isStart = true;
  let line = 1;
  let rest: Buffer = Buffer.alloc(0);
  const take = (text: Buffer): Buffer => {
    line += countLines(text);
    const hasBom = isStart && text.subarray(0, BOM.length).equals(BOM);
    isStart = isStart && text.length === 0;
    return hasBom ? text.subarray(BOM.length) : text;
  };
  const check = function* (bytes: Buffer, maxCut: number): Generator<Buffer> {
    if (isStart) refuseOtherKinds(path, bytes);
    if (bytes.includes(0)) {
      throw new SourceError(`${path} is not a text file: it contains a NUL byte. Export it as CSV in UTF-8.`);
    }
    const whole = wholeCharacters(bytes, maxCut);
    const size = whole ?? firstInvalid(bytes);
    const text = take(bytes.subarray(0, size));
    if (text.length > 0) yield text;
    rest = bytes.subarray(size);
    if (whole !== undefined) return;
    const byte = rest.toString('hex', 0, 1);
    throw new SourceError(
      `${path} line ${line}${atRow(row)}: the byte 0x${byte} is not UTF-8. Czech and Slovak exports are often windows-1250. ${convertFrom('windows-1250')}`,
    );
  };
  for await (const chunk of chunks) {
    yield* check(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), MAX_CUT);
  }
  yield* check(rest, 0);
}

/** A character has at most 4 bytes, so a chunk can end with up to 3 bytes of one. */
const MAX_CUT = 3;

/** Returns how many bytes are whole characters if up to `maxCut` bytes at the end belong to the next one. */
function wholeCharacters(bytes: Buffer, maxCut: number): number | undefined {
  for (let cut = 0; cut <= Math.min(maxCut, bytes.length); cut += 1) {
    if (isUtf8(bytes.subarray(0, bytes.length - cut))) return bytes.length - cut;
  }
  return undefined;
}

function refuseOtherKinds(path: string, bytes: Buffer): void {
  const kind = otherKinds.find(({ magic }) => bytes.subarray(0, magic.length).equals(magic));
  if (kind !== undefined) throw new SourceError(`${path} is ${kind.is}`);
}

/** Returns the offset of the first invalid character. */
function firstInvalid(bytes: Buffer): number {
  let at = 0;
  for (;;) {
    const start = at;
    const size = [1, 2, 3, 4].find((length) => isUtf8(bytes.subarray(start, start + length)));
    if (size === undefined || at >= bytes.length) return at;
    at += size;
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1;
  return lines;
}

function convertFrom(encoding: string): string {
  return `Convert it: iconv -f ${encoding} -t utf-8 OLD.csv > NEW.csv`;
}

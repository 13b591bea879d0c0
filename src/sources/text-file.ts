/**
 * The text of a file as UTF-8, without its byte order mark, from which every format is read. Reading stops at the first
 * invalid byte: a wrong encoding would put a wrong name on every card. Another encoding is offered, never assumed.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import { firstInvalid, lineAt, notUtf8 } from '../kit/text/decode-text.ts';
import { type Encoding, guessEncoding, hasUtf16Mark, namesIn, transcode } from '../kit/text/encodings.ts';
import { type Fingerprint, readBytes } from './file-bytes.ts';
import { atRow, type CurrentRow, EncodingError, SourceError } from './source-error.ts';

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

/** Opens a file in the given encoding. Throws {@link SourceError} if it has no text at all, or is not in the encoding. */
export async function openTextFile(
  path: string,
  fingerprint: Fingerprint,
  encoding: Encoding = 'utf-8',
): Promise<TextFile> {
  const text = (row?: CurrentRow) => {
    const bytes = readBytes(path, fingerprint);
    return utf8Text(
      path,
      encoding === 'utf-8' ? bytes : transcode(inEncoding(path, bytes, encoding), encoding),
      row,
    );
  };
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
  let hasLetters = false;
  let rest: Buffer = Buffer.alloc(0);
  const take = (text: Buffer): Buffer => {
    line += countLines(text);
    hasLetters ||= !isAscii(text);
    const hasBom = isStart && text.subarray(0, BOM.length).equals(BOM);
    isStart = isStart && text.length === 0;
    return hasBom ? text.subarray(BOM.length) : text;
  };
  const check = function* (bytes: Buffer, maxCut: number): Generator<Buffer> {
    if (isStart) refuseOtherKinds(path, bytes);
    if ((isStart && hasUtf16Mark(bytes)) || bytes.includes(0)) throw notText(path, bytes);
    const whole = wholeCharacters(bytes, maxCut);
    const size = whole ?? firstInvalid(bytes);
    const text = take(bytes.subarray(0, size));
    if (text.length > 0) yield text;
    rest = bytes.subarray(size);
    if (whole !== undefined) return;
    if (hasLetters) {
      const byte = bytes.toString('hex', size, size + 1);
      throw new SourceError(
        `${path} line ${line}${atRow(row)}: the byte 0x${byte} is not UTF-8, unlike the letters above it. Correct that line, or export the file again.`,
      );
    }
    const problem = `${path} line ${line}${atRow(row)}: ${notUtf8(bytes, size)}`;
    throw new EncodingError(problem, likelyEncoding(lineAt(bytes, size)));
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

function likelyEncoding(bytes: Buffer) {
  const encoding = guessEncoding(bytes) ?? 'windows-1250';
  return { encoding, names: namesIn(bytes, encoding) };
}

function notText(path: string, bytes: Buffer): SourceError {
  if (guessEncoding(bytes) === 'utf-16') {
    return new EncodingError(`${path} is not UTF-8.`, likelyEncoding(bytes));
  }
  return new SourceError(`${path} is not a text file: it contains a NUL byte. Export it as CSV in UTF-8.`);
}

/** Passes bytes on. Throws {@link SourceError} if the start is UTF-8 with letters, which would be decoded twice. */
async function* inEncoding(
  path: string,
  chunks: AsyncIterable<Buffer>,
  encoding: Encoding,
): AsyncGenerator<Buffer> {
  let isStart = true;
  for await (const chunk of chunks) {
    if (isStart) {
      refuseOtherKinds(path, chunk);
      const isPlain = isAscii(chunk) || chunk.includes(0);
      if (!isPlain && wholeCharacters(chunk, MAX_CUT) !== undefined) {
        throw new SourceError(
          `${path} is UTF-8, not ${encoding}. Start again without the encoding ${encoding}.`,
        );
      }
    }
    isStart = false;
    yield chunk;
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1;
  return lines;
}

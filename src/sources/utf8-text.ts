/** Lets UTF-8 text through, without its byte order mark, and stops at the first byte that is not: a wrong
 * encoding would put a wrong name on every card. */

import { isUtf8 } from 'node:buffer';
import { atRow, type RowAtHand, SourceError } from './source-error.ts';

const BOM = Buffer.from('\uFEFF');
const LINE_FEED = 0x0a;

/** What other kinds of file begin with. */
const strangers: readonly { magic: Buffer; is: string }[] = [
  {
    magic: Buffer.from('PK\u0003\u0004'),
    is: 'a zip archive or an Excel workbook, not CSV. Unpack it, or save the sheet as "CSV UTF-8".',
  },
  {
    magic: Buffer.from('d0cf11e0', 'hex'),
    is: 'an old Excel workbook, not CSV. Save the sheet as "CSV UTF-8".',
  },
  { magic: Buffer.of(0xff, 0xfe), is: `UTF-16, not UTF-8. ${remedy('utf-16')}` },
  { magic: Buffer.of(0xfe, 0xff), is: `UTF-16, not UTF-8. ${remedy('utf-16')}` },
];

/**
 * Passes chunks on, cut between characters. Throws {@link SourceError} where they are not UTF-8
 * text, and names the line, the byte and, where it is told, the row: all text before it is handed
 * out first, so whoever counts the rows knows which one is next.
 */
export async function* utf8Text(
  path: string,
  chunks: AsyncIterable<Buffer>,
  row?: RowAtHand,
): AsyncGenerator<Buffer> {
  let first = true;
  let line = 1;
  let rest: Buffer = Buffer.alloc(0);
  const take = (text: Buffer): Buffer => {
    line += countLines(text);
    const marked = first && text.subarray(0, BOM.length).equals(BOM);
    first = first && text.length === 0;
    return marked ? text.subarray(BOM.length) : text;
  };
  const check = function* (bytes: Buffer, lastCut: number): Generator<Buffer> {
    if (first) refuseStranger(path, bytes);
    if (bytes.includes(0)) {
      throw new SourceError(`${path} is not a text file: it holds a zero byte. Export it as CSV in UTF-8.`);
    }
    const whole = wholeCharacters(bytes, lastCut);
    const size = whole ?? firstBroken(bytes);
    const text = take(bytes.subarray(0, size));
    if (text.length > 0) yield text;
    rest = bytes.subarray(size);
    if (whole !== undefined) return;
    const byte = rest.toString('hex', 0, 1);
    throw new SourceError(
      `${path}, line ${line}${atRow(row)}: the byte 0x${byte} is not UTF-8. Czech and Slovak exports are often windows-1250. ${remedy('windows-1250')}`,
    );
  };
  for await (const chunk of chunks) {
    yield* check(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), LONGEST_CUT);
  }
  yield* check(rest, 0);
}

/** A character has at most 4 bytes, so a chunk can end with up to 3 of one. */
const LONGEST_CUT = 3;

/** How many bytes make whole characters, when at most `lastCut` at the end may belong to a next one. */
function wholeCharacters(bytes: Buffer, lastCut: number): number | undefined {
  for (let cut = 0; cut <= Math.min(lastCut, bytes.length); cut += 1) {
    if (isUtf8(bytes.subarray(0, bytes.length - cut))) return bytes.length - cut;
  }
  return undefined;
}

function refuseStranger(path: string, bytes: Buffer): void {
  const stranger = strangers.find(({ magic }) => bytes.subarray(0, magic.length).equals(magic));
  if (stranger !== undefined) throw new SourceError(`${path} is ${stranger.is}`);
}

/** Where the first character starts that is none. */
function firstBroken(bytes: Buffer): number {
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

function remedy(encoding: string): string {
  return `Convert it: iconv -f ${encoding} -t utf-8 OLD.csv > NEW.csv`;
}

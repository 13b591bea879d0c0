/** Text as its lines. What is longer than a row may be is passed over and costs no memory. */

import { LONGEST_ROW } from './unreadable-row.ts';

const LINE_FEED = 0x0a;

export interface TextLine {
  /** Without its line feed; absent where it is longer than a row may be. */
  bytes?: Buffer;
  /** 1 = the first line of the file. */
  line: number;
}

/** Lines in chunks, blank ones left out. */
export async function* textLines(text: AsyncIterable<Buffer>): AsyncGenerator<TextLine[]> {
  let next = 1;
  /** What is there of the line that has begun. */
  let parts: Buffer[] = [];
  let size = 0;

  const add = (bytes: Buffer): void => {
    size += bytes.length;
    if (size > LONGEST_ROW) parts = [];
    else parts.push(bytes);
  };

  const endLine = (): TextLine[] => {
    const line = next;
    const bytes = size > LONGEST_ROW ? undefined : Buffer.concat(parts);
    next += 1;
    parts = [];
    size = 0;
    if (bytes === undefined) return [{ line }];
    return isBlank(bytes) ? [] : [{ bytes, line }];
  };

  for await (const chunk of text) {
    const lines: TextLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      lines.push(...endLine());
      start = end + 1;
    }
    add(chunk.subarray(start));
    yield lines;
  }
  yield endLine();
}

const WHITE = Buffer.from(' \t\r');

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => WHITE.includes(byte));
}

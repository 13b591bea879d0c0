/** Splits text into lines. A line longer than a row may be is skipped and costs no memory. */

import { MAX_CUSTOMER_BYTES } from '../../domain/customers/customer-limits.ts';

const LINE_FEED = 0x0a;

export interface TextLine {
  /** Without the line feed; absent if the line is longer than a row may be. */
  bytes?: Buffer;
  /** Counted from 1. */
  line: number;
}

/** Yields lines in chunks, blank ones omitted. */
export async function* textLines(text: AsyncIterable<Buffer>): AsyncGenerator<TextLine[]> {
  let next = 1;
  /** The current line so far. */
  let parts: Buffer[] = [];
  let size = 0;

  const add = (bytes: Buffer): void => {
    size += bytes.length;
    if (size > MAX_CUSTOMER_BYTES) parts = [];
    else parts.push(bytes);
  };

  const endLine = (): TextLine[] => {
    const line = next;
    const bytes = size > MAX_CUSTOMER_BYTES ? undefined : Buffer.concat(parts);
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

const WHITE_SPACE = Buffer.from(' \t\r');

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => WHITE_SPACE.includes(byte));
}

/** Text as its lines. */

import { SourceError } from './source-error.ts';

export interface TextLine {
  text: string;
  /** 1 = the first line of the file. */
  line: number;
}

/** Bytes of the longest line that is held in memory; a file without lines is no file of lines. */
const LONGEST_LINE = 10_000_000;

/** Lines in chunks, blank ones left out. Throws {@link SourceError} at a line that has no end. */
export async function* textLines(path: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<TextLine[]> {
  let begun: Buffer[] = [];
  let held = 0;
  let next = 1;

  const endLine = (rest: Buffer): TextLine[] => {
    const text = Buffer.concat([...begun, rest]).toString();
    const line = next;
    begun = [];
    held = 0;
    next += 1;
    return text.trim() === '' ? [] : [{ text, line }];
  };

  for await (const chunk of chunks) {
    const lines: TextLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      lines.push(...endLine(chunk.subarray(start, end)));
      start = end + 1;
    }
    begun.push(chunk.subarray(start));
    held += chunk.length - start;
    if (held > LONGEST_LINE) {
      throw new SourceError(
        `${path}, line ${next} is longer than ${LONGEST_LINE / 1_000_000} MB. Is this the right file?`,
      );
    }
    yield lines;
  }
  yield endLine(Buffer.alloc(0));
}

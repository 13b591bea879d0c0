/** The lines of a file that are being read right now, kept so that a doubtful row can be looked at again. */

const LINE_FEED = 0x0a;

export interface RowWindow {
  add(bytes: Buffer): void;
  /** Lines `from` up to, not including, `to`; 1 = the first line of the file. */
  lines(from: number, to?: number): Buffer;
  /** Forgets what comes before a line. */
  forgetBefore(line: number): void;
}

/** `firstLine` is the number of the line with which the bytes begin. */
export function makeRowWindow(firstLine = 1): RowWindow {
  let held: Buffer = Buffer.alloc(0);
  let first = firstLine;
  return {
    add(bytes) {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    },
    lines(from, to) {
      const start = startOfLine(held, from - first);
      return held.subarray(start, to === undefined ? held.length : startOfLine(held, to - first));
    },
    forgetBefore(line) {
      held = held.subarray(startOfLine(held, line - first));
      first = line;
    },
  };
}

/** Offset behind the `breaks`-th line break, or the end where there are fewer. */
function startOfLine(bytes: Buffer, breaks: number): number {
  let at = 0;
  for (let passed = 0; passed < breaks; passed += 1) {
    const lineBreak = bytes.indexOf(LINE_FEED, at);
    if (lineBreak === -1) return bytes.length;
    at = lineBreak + 1;
  }
  return at;
}

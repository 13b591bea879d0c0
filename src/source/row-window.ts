/** The lines of a file that are being read right now, kept so that a doubtful row can be looked at again. */

export interface RowWindow {
  add(bytes: Buffer): void;
  /** Lines `from` up to, not including, `to`; 1 = the first line of the file. */
  lines(from: number, to?: number): Buffer;
  /** Forgets what comes before a line. */
  forgetBefore(line: number): void;
}

export function makeRowWindow(): RowWindow {
  let held: Buffer = Buffer.alloc(0);
  let firstLine = 1;
  return {
    add(bytes) {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    },
    lines(from, to) {
      const start = startOfLine(held, from - firstLine);
      return held.subarray(start, to === undefined ? held.length : startOfLine(held, to - firstLine));
    },
    forgetBefore(line) {
      held = held.subarray(startOfLine(held, line - firstLine));
      firstLine = line;
    },
  };
}

/** Offset behind the `breaks`-th line break, or the end where there are fewer. */
function startOfLine(bytes: Buffer, breaks: number): number {
  let at = 0;
  for (let passed = 0; passed < breaks; passed += 1) {
    const lineBreak = bytes.indexOf('\n', at);
    if (lineBreak === -1) return bytes.length;
    at = lineBreak + 1;
  }
  return at;
}

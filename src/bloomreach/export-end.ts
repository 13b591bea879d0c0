/** Whether a text ends where it may, told while it streams by: HTTP can end well in the middle of an export. */

export interface EndWatch {
  /** The next piece, cut anywhere. */
  see(piece: Buffer): void;
  /** Whether the text may end here. */
  reached(): boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET_OPENS = 0x5b;
const BRACKET_CLOSES = 0x5d;
const BRACE_OPENS = 0x7b;
const BRACE_CLOSES = 0x7d;

/** A JSON document ends where its first bracket is closed. */
export function watchJson(): EndWatch {
  let depth = 0;
  let began = false;
  let inText = false;
  let escaped = false;

  const seeInText = (byte: number): void => {
    if (escaped) escaped = false;
    else if (byte === BACKSLASH) escaped = true;
    else if (byte === QUOTE) inText = false;
  };

  return {
    see(piece) {
      for (const byte of piece) {
        if (inText) seeInText(byte);
        else if (byte === QUOTE) inText = true;
        else if (byte === BRACKET_OPENS || byte === BRACE_OPENS) {
          depth += 1;
          began = true;
        } else if (byte === BRACKET_CLOSES || byte === BRACE_CLOSES) depth -= 1;
      }
    },
    reached: () => began && depth === 0 && !inText,
  };
}

/** A CSV may end wherever no quote is open: between two rows it cannot be told from one that was cut. */
export function watchCsv(): EndWatch {
  let open = false;
  return {
    see(piece) {
      for (let at = piece.indexOf(QUOTE); at !== -1; at = piece.indexOf(QUOTE, at + 1)) open = !open;
    },
    reached: () => !open,
  };
}

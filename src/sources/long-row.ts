/** Finds the end of a CSV row that is too long to be held, by the rules by which rows are parsed. */

import type { Delimiter } from './csv/csv-dialect.ts';

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

export interface LongRow {
  /** Looks on in the row's next bytes, the first ones being its start. Gives the offset behind its line, if it is there. */
  endIn(bytes: Buffer): number | undefined;
  /** The cell whose quote is open by now, 1 = the first: the row goes on behind its line. */
  openCell(): number | undefined;
}

export function makeLongRow(delimiter: Delimiter): LongRow {
  const separator = delimiter.charCodeAt(0);
  let cell = 1;
  /** `closed`: behind a quote that ends the cell, unless another quote follows. */
  let state: 'start' | 'unquoted' | 'quoted' | 'closed' = 'start';

  const step = (byte: number): void => {
    if (state === 'quoted') {
      if (byte === QUOTE) state = 'closed';
    } else if (byte === separator) {
      state = 'start';
      cell += 1;
    } else if (byte === QUOTE && state !== 'unquoted') {
      state = 'quoted';
    } else {
      state = 'unquoted';
    }
  };

  return {
    endIn(bytes) {
      const lineFeed = bytes.indexOf(LINE_FEED);
      for (const byte of lineFeed === -1 ? bytes : bytes.subarray(0, lineFeed)) step(byte);
      return lineFeed === -1 ? undefined : lineFeed + 1;
    },
    openCell: () => (state === 'quoted' ? cell : undefined),
  };
}

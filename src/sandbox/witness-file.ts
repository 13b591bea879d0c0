/**
 * The witness log on disk: one JSON line for each call, written the moment it is over, so that it
 * outlives the kill of any process. Only calls still open when the sandbox itself dies are missing.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import type { WitnessEntry } from './witness.ts';

export interface WitnessFile {
  append: (entry: WitnessEntry) => void;
  close(): void;
}

/** Appends to the file, which is made where it is missing. */
export function openWitnessFile(path: string): WitnessFile {
  let file: number | undefined = openSync(path, 'a');
  return {
    append(entry) {
      if (file !== undefined) writeSync(file, `${JSON.stringify(entry)}\n`);
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

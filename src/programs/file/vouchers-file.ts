/** Checks a file of voucher codes before a program uses it. The codes themselves are read when a process starts. */

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { decodeText } from '../../kit/text/decode-text.ts';

/** Bytes: enough for the encoding. The file may have millions of codes, and the programs are loaded often. */
const CHECKED_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;

/** Returns what is wrong with the start of a file of codes; undefined if nothing is. */
export function vouchersProblem(file: string, folder: string): string | undefined {
  const path = resolve(folder, file);
  if (!existsSync(path)) return `${file} does not exist in ${folder}: create it, with one code per line`;
  const start = startOf(path);
  // A cut between two lines is not one inside a character.
  const lines = start.length < CHECKED_BYTES ? start : start.subarray(0, start.lastIndexOf(LINE_FEED) + 1);
  const decoded = decodeText(lines);
  return decoded.ok ? undefined : `${file} line ${decoded.line}: ${decoded.problem}`;
}

function startOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(CHECKED_BYTES);
    return bytes.subarray(0, readSync(file, bytes, 0, CHECKED_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

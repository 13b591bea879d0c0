/** A log in a file, which is opened with its first line and kept small by rotation. */

import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DestinationStream } from 'pino';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../files.ts';

export interface Rotation {
  /** Size in bytes from which on the file is rotated. */
  maxBytes: number;
  /** Number of older files that are kept: `passbridge.log.1` is the newest. */
  kept: number;
}

export const logRotation: Rotation = { maxBytes: 10_000_000, kept: 3 };

/** Share of the maximum size that may be written between two looks at the file. */
const CHECK_SHARE = 0.01;

/**
 * Opens a log file for this user only, and its folder. Other processes may write to the same file and rotate it. Lines
 * that cannot be written are dropped, and `onError` is called with the first error.
 */
export function openLogFile(
  path: string,
  onError: (error: Error) => void,
  rotation: Rotation = logRotation,
): DestinationStream {
  let file: number | undefined;
  let unchecked = 0;
  let hasFailed = false;

  const open = () => {
    mkdirSync(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
    rotateIfLarge(path, rotation);
    return openSync(path, 'a', PRIVATE_FILE);
  };

  const reopen = () => {
    if (file !== undefined) closeSync(file);
    file = undefined;
    file = open();
    unchecked = 0;
  };

  return {
    write(line) {
      try {
        if (file === undefined || unchecked >= rotation.maxBytes * CHECK_SHARE) reopen();
        if (file !== undefined) unchecked += writeSync(file, line);
      } catch (error) {
        if (!hasFailed) onError(error instanceof Error ? error : new Error(String(error)));
        hasFailed = true;
      }
    },
  };
}

/** Renames a file that has become too large, and drops the oldest one. Its writer must open the file again. */
export function rotateIfLarge(path: string, { maxBytes, kept }: Rotation): void {
  try {
    if (sizeOf(path) < maxBytes) return;
    for (let n = kept; n > 0; n -= 1) {
      const newer = n === 1 ? path : `${path}.${n - 1}`;
      if (sizeOf(newer) >= 0) renameSync(newer, `${path}.${n}`);
    }
  } catch {
    // A file that cannot be renamed keeps growing; the log must not stop the work.
  }
}

/** Returns -1 if there is no file. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}

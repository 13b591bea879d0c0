/** Cuts a batch so that each call stays below Bloomreach's 800 KB. */

import type { WriteBack } from '../domain/jobs/write-back.ts';

const LIMIT_BYTES = 800_000;
/** For what wraps each command: name, id, braces. */
const OVERHEAD_BYTES = 200;

/** The entries in order, in slices of at most 800 KB. A single larger one stands alone: Bloomreach will say so. */
export function slices(entries: readonly WriteBack[], limitBytes = LIMIT_BYTES): WriteBack[][] {
  const cut: WriteBack[][] = [];
  let slice: WriteBack[] = [];
  let size = 0;
  for (const entry of entries) {
    const bytes = Buffer.byteLength(JSON.stringify(entry.data)) + OVERHEAD_BYTES;
    if (slice.length > 0 && size + bytes > limitBytes) {
      cut.push(slice);
      slice = [];
      size = 0;
    }
    slice.push(entry);
    size += bytes;
  }
  return slice.length > 0 ? [...cut, slice] : cut;
}

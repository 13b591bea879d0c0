/** How entries of the outbox are cut into calls. */

import type { WriteBack } from '../domain/jobs/write-back.ts';

/** Bloomreach's limit for one call. */
const MAX_CALL_BYTES = 800_000;
/** For the name, id, time and braces around each command. */
const COMMAND_OVERHEAD_BYTES = 250;

/** Splits entries, in order, into batches of at most 800 KB. A larger entry is sent alone, and Bloomreach refuses it. */
export function splitBySize(entries: readonly WriteBack[]): WriteBack[][] {
  const batches: WriteBack[][] = [];
  let batch: WriteBack[] = [];
  let size = 0;
  for (const entry of entries) {
    const bytes = Buffer.byteLength(JSON.stringify(entry.data)) + COMMAND_OVERHEAD_BYTES;
    if (batch.length > 0 && size + bytes > MAX_CALL_BYTES) {
      batches.push(batch);
      batch = [];
      size = 0;
    }
    batch.push(entry);
    size += bytes;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}

/** Splits entries, in order, into two halves; the second of a single entry is empty. */
export function halves<T>(entries: readonly T[]): [readonly T[], readonly T[]] {
  const middle = Math.ceil(entries.length / 2);
  return [entries.slice(0, middle), entries.slice(middle)];
}

/**
 * Erases a customer from the journals of cards. In place, because running workers append to these files: the bytes of
 * a line become spaces, which a replay skips.
 */

import { open, readFile, stat } from 'node:fs/promises';
import { type CustomerQuery, matchesCustomer } from '../../domain/customers/customer-query.ts';
import { allJournals, type JournalEntry } from './card-journal.ts';

const LINE_FEED = 0x0a;
const SPACE = 0x20;

/** Returns the number of lines erased on this machine. A file holds at most 32 MB. */
export async function eraseFromJournals(storeMarkDir: string, query: CustomerQuery): Promise<number> {
  let erased = 0;
  for (const path of allJournals(storeMarkDir)) erased += await eraseFromFile(path, query);
  return erased;
}

async function eraseFromFile(path: string, query: CustomerQuery): Promise<number> {
  const [before, content] = await Promise.all([stat(path), readFile(path)]).catch(fileIsGone);
  if (before === undefined) return 0;
  const lines = [...linesOf(content)].filter(({ text }) => isAbout(text, query));
  if (lines.length === 0) return 0;
  const file = await open(path, 'r+');
  try {
    for (const { start, length } of lines) await file.write(Buffer.alloc(length, SPACE), 0, length, start);
    await file.sync();
    // A journal is replayed in the order of its time, and deleted by it.
    await file.utimes(before.atime, before.mtime);
  } finally {
    await file.close();
  }
  return lines.length;
}

/** Another process has deleted the file because of its age. */
function fileIsGone(error: NodeJS.ErrnoException): [undefined, Buffer] {
  if (error.code === 'ENOENT') return [undefined, Buffer.alloc(0)];
  throw error;
}

function* linesOf(content: Buffer): Generator<{ text: string; start: number; length: number }> {
  for (let start = 0; start < content.length;) {
    const end = content.indexOf(LINE_FEED, start);
    // The worker is still writing the last line.
    if (end < 0) return;
    yield { text: content.toString('utf8', start, end), start, length: end - start };
    start = end + 1;
  }
}

function isAbout(line: string, query: CustomerQuery): boolean {
  let entry: JournalEntry;
  try {
    entry = JSON.parse(line) as JournalEntry;
  } catch {
    return false;
  }
  if (entry.kind === 'released') return false;
  if (matchesCustomer(query, entry.job.customer)) return true;
  const made =
    entry.kind === 'settled' && entry.settlement.state === 'done' ? entry.settlement.card : undefined;
  return made !== undefined && made.passId === query.passId;
}

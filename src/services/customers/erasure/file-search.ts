/** Searches a file for a customer: its rows, and its text if rows of it cannot be read. */

import type { SourceEncoding } from '../../../domain/campaigns/campaign.ts';
import { type CustomerQuery, matchesCustomer } from '../../../domain/customers/customer-query.ts';
import { transcode } from '../../../kit/text/encodings.ts';
import { fingerprintOf, readBytes } from '../../../sources/file-bytes.ts';
import { openFile } from '../../../sources/open-file.ts';
import { EncodingError } from '../../../sources/source-error.ts';
import { sourceProblem } from '../../campaigns/files/campaign-file.ts';

export interface FileSearch {
  path: string;
  query: CustomerQuery;
  idTypes: readonly string[];
  /** What a campaign reads it in; absent if none has read it, or for UTF-8. */
  encoding?: SourceEncoding | undefined;
}

/** Returns the problem as a text if the file cannot be searched. Stops reading at the customer's first row. */
export async function containsCustomer(search: FileSearch): Promise<boolean | string> {
  const found = await searchRows(search);
  if (typeof found === 'boolean') return found;
  if (found.likelyEncoding !== undefined) {
    return containsCustomer({ ...search, encoding: found.likelyEncoding });
  }
  const isNamed = await searchText(search).catch(asProblem);
  return isNamed === true ? true : (found.problem ?? isNamed);
}

/** Why the rows do not tell whether the customer is among them. */
interface Undecided {
  /** Absent if only single rows cannot be read. */
  problem?: string;
  /** If the file is in another encoding. No operator has confirmed it: ids are ASCII in nearly all files. */
  likelyEncoding?: SourceEncoding;
}

async function searchRows({ path, query, idTypes, encoding }: FileSearch): Promise<boolean | Undecided> {
  let isWhole = true;
  try {
    const source = await openFile(path, { idTypes, ...(encoding !== undefined && { encoding }) });
    for await (const chunk of source.rows()) {
      if (chunk.some((row) => row.ok && matchesCustomer(query, row.customer))) return true;
      isWhole &&= chunk.every(({ ok }) => ok);
    }
  } catch (error) {
    if (error instanceof EncodingError && encoding === undefined && error.encoding !== 'utf-8')
      return { likelyEncoding: error.encoding };
    return { problem: asProblem(error) };
  }
  return isWhole ? false : {};
}

/** Returns the message of an error that the file caused; throws any other error. */
function asProblem(error: unknown): string {
  const problem = sourceProblem(error);
  if (problem === undefined) throw error;
  return problem;
}

/** A character of a word: none may be next to a name, because `c-7` is not `c-77`. */
const IN_WORD = /[\p{L}\p{N}_.@+-]/u;

/** Characters kept from one chunk for the next: more than the longest name has. */
const OVERLAP = 1024;

/** Returns whether the text names the customer anywhere, as a word of its own. */
async function searchText({ path, query, encoding }: FileSearch): Promise<boolean> {
  const values = query.ids.map((id) => id.slice(id.indexOf(':') + 1));
  const names = [...values, query.email ?? '', query.passId ?? '']
    .filter((name) => name !== '')
    .map((name) => name.toLowerCase());
  const bytes = readBytes(path, await fingerprintOf(path));
  const decoder = new TextDecoder();
  let text = '\n';
  for await (const chunk of encoding === undefined ? bytes : transcode(bytes, encoding)) {
    text = text.slice(-OVERLAP) + decoder.decode(chunk, { stream: true }).toLowerCase();
    if (names.some((name) => isWordIn(text, name))) return true;
  }
  return names.some((name) => isWordIn(`${text}\n`, name));
}

/** Returns whether a word with a character on both sides of it is in the text, both in lower case. */
export function isWordIn(text: string, word: string): boolean {
  for (let at = text.indexOf(word, 1); at !== -1; at = text.indexOf(word, at + 1)) {
    const after = text.charAt(at + word.length);
    if (after !== '' && !IN_WORD.test(after) && !IN_WORD.test(text.charAt(at - 1))) return true;
  }
  return false;
}

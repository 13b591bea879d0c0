/**
 * Bloomreach's `{% abort %}` and `{% abort: "reason" %}`, which leave a customer out. The engine
 * knows no statement of that name, so it is given a call in its place.
 */

import { TAGS } from './tags.ts';

/** The function that stands for the statement; nobody else's name. */
export const ABORT = 'passbridge_abort';

const STATEMENT =
  /^(?<open>[-+]?)\s*abort\s*:?\s*(?<reason>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')?\s*(?<close>[-+]?)$/;

/** The same source with calls in the place of the statements. */
export function withAborts(source: string): string {
  return source.replaceAll(TAGS, (tag: string, ...more: unknown[]) => {
    const { statement } = more.at(-1) as { statement?: string };
    // The mark that trims what stands before it is no part of what the pattern takes for the statement.
    const trims = /^\{%[-+]/.test(tag) ? tag.charAt(2) : '';
    const found = STATEMENT.exec(statement ?? '')?.groups;
    if (found === undefined) return tag;
    return `{{${trims} ${ABORT}(${found['reason'] ?? "''"}) ${found['close'] ?? ''}}}`;
  });
}

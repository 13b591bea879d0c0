/**
 * Faults of a template, parsed from the engine's messages. The engine's debug text also prints the
 * variables in scope, which are personal data: this module drops them.
 */

/**
 * - `absent`: the template printed an absent value or read a member of one;
 * - `unknown`: a filter, function or test of that name does not exist;
 * - `misused`: a call has arguments that can never be right, e.g. a time zone that does not exist;
 * - `failed`: anything else that depends on the data;
 * - `limit`: too much work, memory or output;
 * - `aborted`: the template excludes the customer; the message is its reason, which may be empty.
 */
type FaultKind = 'syntax' | 'absent' | 'unknown' | 'misused' | 'failed' | 'limit' | 'aborted';

export interface Fault {
  kind: FaultKind;
  /** One line, without values. */
  message: string;
  /** The expression at fault, e.g. `customer.email`; absent if the engine does not report it. */
  at?: string;
}

const kindByTitle: Readonly<Record<string, FaultKind>> = {
  'syntax error': 'syntax',
  'undefined value': 'absent',
  'unknown filter': 'unknown',
  'unknown function': 'unknown',
  'unknown test': 'unknown',
};

/** Characters of a message that are read: the variables after the source lines may have millions. */
const MAX_MESSAGE = 20_000;

/**
 * Parses a message of the engine: `invalid operation: detail (in name:1)`, then source lines with a row
 * of `^`. Returns undefined for any other message, which means that the engine panicked.
 */
export function parseFault(message: string): Fault | undefined {
  const lines = message.slice(0, MAX_MESSAGE).split('\n');
  const first = /^(?<title>[^:]+?)(?:: (?<detail>.*))? \(in [^()]*:\d+\)$/.exec(lines[0] ?? '')?.groups;
  if (first === undefined) return undefined;
  const title = first['title'] ?? '';
  const at = caretSpan(lines);
  return {
    kind: kindByTitle[title] ?? 'failed',
    // This message quotes a value: the name of the included template.
    message: title === 'template not found' ? title : (first['detail'] ?? title),
    ...(at !== undefined && { at }),
  };
}

/** Returns the text above the row of carets. Columns count code points, not UTF-16 units. */
function caretSpan(lines: readonly string[]): string | undefined {
  const row = lines.findIndex((line) => /^\s+i\s+\^+ /.test(line));
  if (row < 1) return undefined;
  const carets = lines[row] ?? '';
  const source = Array.from(lines[row - 1] ?? '');
  const end = carets.lastIndexOf('^') + 1;
  let start = carets.indexOf('^');
  // In `a.b.c` the engine marks only `.c` if `a.b` exists: return the whole chain.
  if (source[start] === '.' || source[start] === '[') {
    while (start > 0 && /[\w.[\]'"]/.test(source[start - 1] ?? '')) start -= 1;
  }
  return source.slice(start, end).join('').trim() || undefined;
}

/**
 * What went wrong in a template, read from the engine's message. The engine's debug text also
 * prints the variables in reach, which is personal data: nothing of it gets out of here.
 */

/**
 * - `absent`: a value that is not there was printed or looked into;
 * - `unknown`: a filter, function or test of that name does not exist;
 * - `misused`: called with arguments that can never be right, e.g. a time zone that does not exist;
 * - `failed`: anything else that depends on the data;
 * - `limit`: too many steps or too much output;
 * - `aborted`: the template leaves the customer out; the message is its reason, which may be empty.
 */
type FaultKind = 'syntax' | 'absent' | 'unknown' | 'misused' | 'failed' | 'limit' | 'aborted';

export interface Fault {
  kind: FaultKind;
  /** One line, without values. */
  message: string;
  /** The part of the template at fault, e.g. `customer.email`; absent where the engine does not tell. */
  at?: string;
}

const kindByTitle: Readonly<Record<string, FaultKind>> = {
  'syntax error': 'syntax',
  'undefined value': 'absent',
  'unknown filter': 'unknown',
  'unknown function': 'unknown',
  'unknown test': 'unknown',
  'engine ran out of fuel': 'limit',
};

/**
 * Reads a message of the engine, or undefined when it is not one: then the engine itself broke.
 * It looks like `invalid operation: detail (in name:1)`, then source lines with a row of `^`.
 */
export function readFault(message: string): Fault | undefined {
  const lines = message.split('\n');
  const first = /^(?<title>[^:]+?)(?:: (?<detail>.*))? \(in [^()]*:\d+\)$/.exec(lines[0] ?? '')?.groups;
  if (first === undefined) return undefined;
  const title = first['title'] ?? '';
  const at = caretSpan(lines);
  return {
    kind: kindByTitle[title] ?? 'failed',
    // A missing include is the one message that quotes a value.
    message: title === 'template not found' ? title : (first['detail'] ?? title),
    ...(at !== undefined && { at }),
  };
}

/** The text above the row of carets. Columns count code points, not UTF-16 units. */
function caretSpan(lines: readonly string[]): string | undefined {
  const row = lines.findIndex((line) => /^\s+i\s+\^+ /.test(line));
  if (row < 1) return undefined;
  const carets = lines[row] ?? '';
  const source = Array.from(lines[row - 1] ?? '');
  const end = carets.lastIndexOf('^') + 1;
  let start = carets.indexOf('^');
  // Of `a.b.c` the engine marks `.c` alone where `a.b` exists: take the whole chain.
  if (source[start] === '.' || source[start] === '[') {
    while (start > 0 && /[\w.[\]'"]/.test(source[start - 1] ?? '')) start -= 1;
  }
  return source.slice(start, end).join('').trim() || undefined;
}

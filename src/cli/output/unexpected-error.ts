/** An error that no command expects, in words. Loaded before anything else, so it imports next to nothing. */

import { inspect } from 'node:util';
import { explainSystemError } from '../../kit/runtime/system-error.ts';

/** Returns the text and the exit code for an error of the operating system, or a bug. */
export function describeUnexpected(error: unknown): { text: string; code: 1 | 2 } {
  const text = explainSystemError(error);
  return text === undefined ? { text: inspect(error), code: 1 } : { text, code: 2 };
}

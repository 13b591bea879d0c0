/** What makes a phone ring. */

import type { Json } from '../jobs/program.ts';

/** Whether an operation of a JSON Patch does: by the guide, a change of `changeMessage`. */
export function triggersNotification(operation: Json): boolean {
  if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) return false;
  const { path } = operation;
  return typeof path === 'string' && path.endsWith('/changeMessage');
}

/** The part of JSON Patch (RFC 6902) that Passmachine's guide uses: `add`, `remove` and `replace`. */

import { isObject } from '../kit/is-object.ts';

/** Changes `document` in place; returns what is wrong with the patch, or undefined. */
export function applyPatch(document: unknown, patch: unknown): string | undefined {
  if (!Array.isArray(patch) || patch.length === 0) return 'the body is not a JSON Patch array';
  for (const [index, operation] of patch.entries()) {
    const problem = applyOperation(document, operation);
    if (problem !== undefined) return `operation ${index}: ${problem}`;
  }
  return undefined;
}

function applyOperation(document: unknown, operation: unknown): string | undefined {
  if (!isObject(operation)) return 'is not an object';
  const { op, path, value } = operation;
  if (op !== 'add' && op !== 'remove' && op !== 'replace') return `op ${JSON.stringify(op)} is not supported`;
  if (typeof path !== 'string' || !path.startsWith('/')) return 'path does not start with /';
  if (op !== 'remove' && value === undefined) return 'value is missing';

  const keys = path
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop() ?? '';
  const parent = keys.reduce(child, document);
  if (op !== 'add' && child(parent, last) === undefined) return `path ${path} does not exist`;
  if (Array.isArray(parent)) return changeArray(parent, op, last, value);
  if (!isObject(parent)) return `path ${path} does not exist`;
  if (op === 'remove') delete parent[last];
  else parent[last] = value;
  return undefined;
}

function changeArray(array: unknown[], op: string, key: string, value: unknown): string | undefined {
  const index = key === '-' ? array.length : Number(key);
  if (!Number.isInteger(index) || index < 0 || index > array.length) return `index ${key} is out of range`;
  array.splice(index, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [value]));
  return undefined;
}

function child(parent: unknown, key: string): unknown {
  if (Array.isArray(parent)) return /^(0|[1-9]\d*)$/.test(key) ? parent[Number(key)] : undefined;
  return isObject(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined;
}

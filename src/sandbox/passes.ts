/** The cards of the simulated Passmachine, each with every body that was applied to it, byte for byte. */

import { randomUUID } from 'node:crypto';
import { isObject } from '../kit/is-object.ts';

/** One card. */
export interface StoredPass {
  readonly id: string;
  readonly account: string;
  /** `metadata.registered` of the create body. */
  readonly customer: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** The current state: `{templateId, templateVariables, metadata}` as JSON text. */
  readonly body: string;
  /** The create body, then each applied JSON Patch, unchanged. */
  readonly history: readonly string[];
}

/** Read access, in the order of creation. */
export interface PassRecords {
  readonly size: number;
  get(id: string): StoredPass | undefined;
  all(): IterableIterator<StoredPass>;
  /** Returns a customer's cards; scans all cards. */
  of(customer: string): StoredPass[];
}

interface Passes extends PassRecords {
  add(account: string, customer: string | undefined, body: string, createdAt: number): StoredPass;
  /** Returns what is wrong with the patch; undefined if it was applied. */
  patch(pass: StoredPass, patch: unknown, text: string): string | undefined;
  clear: () => void;
}

/** `passIds`: the shape of ids, because Passmachine does not document it; numbers start beyond 2^53 or at 4001. */
export type PassIds = 'uuid' | 'number' | 'long-number';

export function makePasses(passIds: PassIds = 'uuid'): Passes {
  const passes = new Map<string, StoredPass>();
  const nextId = makeIds(passIds);
  return {
    get size() {
      return passes.size;
    },
    get: (id) => passes.get(id),
    all: () => passes.values(),
    of: (customer) => [...passes.values()].filter((pass) => pass.customer === customer),
    add(account, customer, body, createdAt) {
      const pass = { id: nextId(), account, customer, createdAt, body, history: [body] };
      passes.set(pass.id, pass);
      return pass;
    },
    patch(pass, patch, text) {
      // Stored as text: a million parsed bodies would not fit into memory.
      const document: unknown = JSON.parse(pass.body);
      const problem = applyPatch(document, patch);
      if (problem !== undefined) return problem;
      passes.set(pass.id, { ...pass, body: JSON.stringify(document), history: [...pass.history, text] });
      return undefined;
    },
    clear: () => passes.clear(),
  };
}

function makeIds(passIds: PassIds): () => string {
  if (passIds === 'uuid') return randomUUID;
  let last = passIds === 'number' ? 4000n : 9_007_199_254_740_992n;
  return () => String((last += 1n));
}

/**
 * Applies a JSON Patch (RFC 6902) to `document` in place: the operations of Passmachine's guide, `add`, `remove` and
 * `replace`. Returns what is wrong with the patch; undefined if it was applied.
 */
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

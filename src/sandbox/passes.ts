/** The cards that the sandbox's Passmachine has made, each with every body that was applied to it, byte for byte. */

import { randomUUID } from 'node:crypto';
import { applyPatch } from './json-patch.ts';

/** One card. */
export interface StoredPass {
  readonly id: string;
  readonly account: string;
  /** `metadata.registered` of the body that made it. */
  readonly customer: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** What it is now: `{templateId, templateVariables, metadata}` as JSON text. */
  readonly body: string;
  /** The create body as it came, then each applied JSON Patch as it came. */
  readonly history: readonly string[];
}

/** Read access, in the order of creation. */
export interface PassRecords {
  readonly size: number;
  get(id: string): StoredPass | undefined;
  all(): IterableIterator<StoredPass>;
  /** A customer's cards; walks over all of them. */
  of(customer: string): StoredPass[];
}

interface Passes extends PassRecords {
  add(account: string, customer: string | undefined, body: string, createdAt: number): StoredPass;
  /** What is wrong with the patch, or undefined when it was applied. */
  patch(pass: StoredPass, patch: unknown, text: string): string | undefined;
  clear: () => void;
}

/** No cards yet. */
export function makePasses(): Passes {
  const passes = new Map<string, StoredPass>();
  return {
    get size() {
      return passes.size;
    },
    get: (id) => passes.get(id),
    all: () => passes.values(),
    of: (customer) => [...passes.values()].filter((pass) => pass.customer === customer),
    add(account, customer, body, createdAt) {
      const pass = { id: randomUUID(), account, customer, createdAt, body, history: [body] };
      passes.set(pass.id, pass);
      return pass;
    },
    patch(pass, patch, text) {
      // Kept as text: a million parsed bodies would not fit into memory.
      const document: unknown = JSON.parse(pass.body);
      const problem = applyPatch(document, patch);
      if (problem !== undefined) return problem;
      passes.set(pass.id, { ...pass, body: JSON.stringify(document), history: [...pass.history, text] });
      return undefined;
    },
    clear: () => passes.clear(),
  };
}

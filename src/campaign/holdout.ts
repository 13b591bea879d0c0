/**
 * The members of a holdout: chosen by a hash of the customer, the program and a name, so every retry, resume, campaign and
 * machine finds the same ones.
 */

import { createHash } from 'node:crypto';
import type { Holdout } from '../domain/campaigns/safeguards/holdout.ts';

/** Bytes of the hash that choose the members: a number of 48 bits is exact in a double. */
const HASH_BYTES = 6;

/**
 * Returns whether a customer is in the holdout of a program. `customer`: its key, see `customerKey`. A holdout of a smaller
 * share is a part of that of a larger one.
 */
export function isHeldOut({ share, name = '' }: Holdout, program: string, customer: string): boolean {
  const digest = createHash('sha256')
    .update(JSON.stringify([program, name, customer]))
    .digest();
  return digest.readUIntBE(0, HASH_BYTES) < share * 2 ** (8 * HASH_BYTES);
}

/**
 * The customers met so far, by 64-bit digests in one flat table: some 16 bytes each, where a set
 * of strings takes over a hundred. Among ten million customers two are taken for one with a
 * probability of 1 in 300,000.
 */

import { createHash } from 'node:crypto';

/** Grows at this share: fuller tables need long walks. */
const FULLEST = 0.6;
const FIRST_SIZE = 1 << 12;

export interface CustomerSet {
  /** False where the customer was in it already. */
  add(customer: string): boolean;
}

export function makeCustomerSet(): CustomerSet {
  let table = new Uint32Array(2 * FIRST_SIZE);
  let slots = FIRST_SIZE;
  let count = 0;

  /** Walks to the digest or to the first free slot; true where it was free and is taken now. */
  const put = (high: number, low: number): boolean => {
    // A slot of two zeros is free, so no digest may be that.
    const second = high === 0 && low === 0 ? 1 : low;
    for (let slot = high % slots; ; slot = (slot + 1) % slots) {
      const at = 2 * slot;
      if (table[at] === 0 && table[at + 1] === 0) {
        table[at] = high;
        table[at + 1] = second;
        return true;
      }
      if (table[at] === high && table[at + 1] === second) return false;
    }
  };

  const grow = () => {
    const old = table;
    slots *= 2;
    table = new Uint32Array(2 * slots);
    for (let at = 0; at < old.length; at += 2) {
      const [high = 0, low = 0] = [old[at], old[at + 1]];
      if (high !== 0 || low !== 0) put(high, low);
    }
  };

  return {
    add(customer) {
      if (count >= slots * FULLEST) grow();
      const digest = createHash('md5').update(customer).digest();
      const isNew = put(digest.readUInt32LE(0), digest.readUInt32LE(4));
      if (isNew) count += 1;
      return isNew;
    },
  };
}

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCustomerSet } from '../../src/campaign/customer-set.ts';

describe('the customer set', () => {
  it('agrees with a set of strings', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (numbers) => {
        const set = makeCustomerSet();
        const strings = new Set<string>();
        for (const number of numbers) {
          const customer = `registered:c-${number}`;
          expect(set.add(customer)).toBe(!strings.has(customer));
          strings.add(customer);
        }
      }),
    );
  });

  it('adds 200,000 customers once and finds each of them the second time', () => {
    const set = makeCustomerSet();
    const addAll = () => Array.from({ length: 200_000 }, (_, n) => set.add(`registered:c-${n}`));
    expect(addAll().every(Boolean)).toBe(true);
    expect(addAll().some(Boolean)).toBe(false);
  });
});

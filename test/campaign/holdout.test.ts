/** The members of a holdout. */

import { describe, expect, it } from 'vitest';
import { isHeldOut } from '../../src/campaign/holdout.ts';

/** A fixed set of customers, so that no figure below depends on chance. */
const customers = Array.from({ length: 20_000 }, (_, n) => `registered:c-${n}`);

const members = (share: number, { program = 'loyalty', name }: { program?: string; name?: string } = {}) =>
  customers.filter((customer) =>
    isHeldOut({ share, ...(name !== undefined && { name }) }, program, customer),
  );

/** Returns by how many standard deviations of a binomial distribution the count is off. */
function deviation(found: number, of: number, share: number): number {
  return Math.abs(found - of * share) / Math.sqrt(of * share * (1 - share));
}

describe('a holdout', () => {
  it.each([0.001, 0.01, 0.05, 0.2, 0.5, 0.9, 0.999])('of %d has that share of the customers', (share) => {
    expect(deviation(members(share).length, customers.length, share)).toBeLessThan(3);
  });

  it('keeps its members when it grows', () => {
    const larger = new Set(members(0.1));
    expect(members(0.05).filter((customer) => !larger.has(customer))).toEqual([]);
  });

  it.each([
    ['another program', { program: 'voucher' }],
    ['another name', { name: 'spring' }],
  ])('of %s has members independent of these', (_, other) => {
    const these = members(0.2);
    const others = new Set(members(0.2, other));
    const both = these.filter((customer) => others.has(customer)).length;
    expect(deviation(both, these.length, 0.2)).toBeLessThan(3);
  });

  it('has the members that every version before had', () => {
    expect(members(0.0005)).toMatchInlineSnapshot(`
      [
        "registered:c-1986",
        "registered:c-2158",
        "registered:c-2713",
        "registered:c-3290",
        "registered:c-4231",
        "registered:c-5097",
        "registered:c-6051",
        "registered:c-6561",
        "registered:c-7652",
        "registered:c-8493",
        "registered:c-8886",
        "registered:c-9499",
        "registered:c-9632",
        "registered:c-12214",
        "registered:c-16642",
        "registered:c-17314",
        "registered:c-17711",
        "registered:c-18986",
      ]
    `);
  });
});

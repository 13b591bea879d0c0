import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_CUSTOMER_BYTES,
  MAX_CUSTOMER_DEPTH,
  MAX_ID_LENGTH,
  problemOfId,
  problemOfSize,
  tooManyBytes,
} from '../../../src/domain/customers/customer-limits.ts';

/** `{"a":"…"}` of the given size as JSON. */
const ofBytes = (bytes: number, letter = 'x') => ({
  a: letter.repeat((bytes - 8) / Buffer.byteLength(letter)),
});

describe('the size of a customer', () => {
  it.each(['x', 'ž', '漢', '🎫'])('is counted in bytes of JSON in UTF-8: %s', (letter) => {
    // Divisible by the bytes of each letter.
    const most = MAX_CUSTOMER_BYTES - ((MAX_CUSTOMER_BYTES - 8) % 12);
    expect(problemOfSize(ofBytes(most, letter))).toBeUndefined();
    expect(problemOfSize(ofBytes(most + 12, letter))).toBe(tooManyBytes);
  });

  it.each([
    ['many numbers', Array.from({ length: MAX_CUSTOMER_BYTES / 2 }, () => 1)],
    ['many empty lists', Array.from({ length: MAX_CUSTOMER_BYTES / 2 }, () => [])],
    ['many names', Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`attribute_${n}`, null]))],
    ['a long name', { ['x'.repeat(MAX_CUSTOMER_BYTES)]: 1 }],
  ])('includes %s', (_, data) => {
    expect(JSON.stringify(data).length).toBeGreaterThan(MAX_CUSTOMER_BYTES);
    expect(problemOfSize(data)).toBe(tooManyBytes);
  });

  it('is within a tenth of its JSON, whatever the value', () => {
    fc.assert(
      // Escapes do not count.
      fc.property(
        fc.jsonValue().filter((value) => !JSON.stringify(value).includes('\\')),
        (value) => {
          const bytes = Buffer.byteLength(JSON.stringify(value)) + 1;
          const copies = (size: number) => Array.from({ length: Math.floor(size / bytes) }, () => value);
          expect(problemOfSize(copies(MAX_CUSTOMER_BYTES * 0.6))).toBeUndefined();
          expect(problemOfSize(copies(MAX_CUSTOMER_BYTES * 1.1))).toBe(tooManyBytes);
        },
      ),
      { numRuns: 50 },
    );
  });
});

it('limits the depth of a customer', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: [nested(levels - 1)] });
  expect(problemOfSize(nested(MAX_CUSTOMER_DEPTH / 2))).toBeUndefined();
  expect(problemOfSize([nested(MAX_CUSTOMER_DEPTH / 2)])).toBe('is nested more than 32 levels deep');
});

it('limits the characters of an id', () => {
  expect(problemOfId('x'.repeat(MAX_ID_LENGTH))).toBeUndefined();
  expect(problemOfId('x'.repeat(MAX_ID_LENGTH + 1))).toBe('has 257 characters; the longest id has 256');
});

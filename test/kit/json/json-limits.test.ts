import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactJson } from '../../../src/kit/json/exact-json.ts';
import {
  assertJsonLimits,
  JsonLimitError,
  MAX_JSON_CONTAINERS,
  MAX_JSON_DEPTH,
} from '../../../src/kit/json/json-limits.ts';

const nested = (levels: number, inner = '') => '['.repeat(levels) + inner + ']'.repeat(levels);
const nestedObjects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

describe('the limits of JSON', () => {
  it.each([
    ['lists of the deepest level', nested(MAX_JSON_DEPTH)],
    ['objects of the deepest level', nestedObjects(MAX_JSON_DEPTH)],
    ['many lists beside each other', `[${nested(1)}${`,${nested(3)}`.repeat(80_000)}]`],
    ['brackets in texts', JSON.stringify({ ['{'.repeat(300)]: ['['.repeat(500), '\\"['.repeat(99)] })],
    ['a text that ends with a backslash', `${'[],'.repeat(99)}["\\\\"${',[]'.repeat(99)}]`],
  ])('allow %s', (_, text) => {
    expect(() => assertJsonLimits(text)).not.toThrow();
  });

  it.each([
    ['lists one level deeper', nested(MAX_JSON_DEPTH + 1)],
    ['objects one level deeper', nestedObjects(MAX_JSON_DEPTH + 1)],
    ['lists without an end', '['.repeat(19_000_000)],
    ['lists after a text with escapes', `["\\\\\\"[","\\\\",${nested(MAX_JSON_DEPTH)}]`],
    ['lists after an invalid number', `[1.2.3,${nested(MAX_JSON_DEPTH)}]`],
  ])('refuse %s', (_, text) => {
    expect(() => parseExactJson(text)).toThrow(new JsonLimitError('is nested more than 64 levels deep'));
  });

  it.each([
    ['lists', '[],'],
    ['objects', '{},'],
  ])('refuse too many %s', (_, part) => {
    const text = (count: number) => `[${part.repeat(count - 1).slice(0, -1)}]`;
    expect(parseExactJson(text(MAX_JSON_CONTAINERS))).toHaveLength(MAX_JSON_CONTAINERS - 1);
    expect(() => parseExactJson(text(MAX_JSON_CONTAINERS + 1))).toThrow(
      'has more than 250000 lists and objects',
    );
  });

  it('measure the depth that JSON.parse reaches', () => {
    const depthOf = (value: unknown): number =>
      typeof value !== 'object' || value === null ? 0 : 1 + Math.max(0, ...Object.values(value).map(depthOf));
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'large' },
        fc.string({ unit: fc.constantFrom('[', '{', ']', '}', '"', '\\', 'ž', ' ') }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: fc.constantFrom('[', '"', '\\') }), tie('value'), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(values, fc.nat({ max: 6 }), (value, max) => {
        const isAllowed = () => {
          try {
            assertJsonLimits(JSON.stringify(value), max);
            return true;
          } catch {
            return false;
          }
        };
        expect(isAllowed()).toBe(depthOf(value) <= max);
      }),
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactInteger, parseExactJson } from '../../../src/kit/json/exact-json.ts';

describe('keeps the digits of a whole number that JavaScript would round', () => {
  it.each([
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['[9203123456789012345]', ['9203123456789012345']],
    ['{"id": 12345678901234567890123 }', { id: '12345678901234567890123' }],
    ['{"a":9007199254740992,"b":9007199254740993}', { a: '9007199254740992', b: '9007199254740993' }],
    ['{"say \\"9007199254740993\\"":9007199254740993}', { 'say "9007199254740993"': '9007199254740993' }],
    ['["\\\\",9007199254740993]', ['\\', '9007199254740993']],
    ['{"a":1,"a":9007199254740993}', { a: '9007199254740993' }],
  ])('%s', (text, value) => {
    expect(parseExactJson(text)).toEqual(value);
  });
});

describe('leaves every other value as JSON.parse reads it', () => {
  it.each([
    '9007199254740991',
    '-9007199254740991',
    '4001',
    '0.12345678901234567890',
    '1.12345678901234567890e5',
    '12345678901234567890.5',
    '12345678901234567890e2',
    '1e-1234567890123456',
    '1e25',
    '"9007199254740993"',
    '"a \\" 9007199254740993, \\\\ 9007199254740993"',
    '{"9007199254740993":1}',
    '{"__proto__":{"id":"9007199254740993"}}',
  ])('%s', (text) => {
    expect(parseExactJson(text)).toStrictEqual(JSON.parse(text));
  });

  it('whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, space) => {
        // A long number in front makes the text take the slow path.
        const text = JSON.stringify([value], null, space);
        expect(parseExactJson(`[9007199254740993,${text}]`)).toStrictEqual([
          '9007199254740993',
          JSON.parse(text, (_, part: unknown) =>
            typeof part === 'number' && Number.isInteger(part) && /^-?\d{16,}$/.test(JSON.stringify(part))
              ? exactInteger(JSON.stringify(part))
              : part,
          ),
        ]);
      }),
    );
  });
});

describe('refuses what JSON.parse refuses', () => {
  it.each([
    '{12345678901234567890:1}',
    '{12345678901234567890 :1}',
    '[00000000000000000012]',
    '[+12345678901234567890]',
    '[12345678901234567890abc]',
    '[1 12345678901234567890]',
    '{"a":"12345678901234567890}',
    '[12345678901234567890',
    '\\12345678901234567890',
    '',
  ])('%s', (text) => {
    expect(() => parseExactJson(text)).toThrow(SyntaxError);
  });

  it('a valid text with one character changed', () => {
    const valid = '{"id":9007199254740993,"a\\"b":["x",-9203123456789012345]}';
    const character = fc.constantFrom(...Array.from('{}[]",:\\-+.e0 9x'));
    fc.assert(
      fc.property(fc.nat(valid.length - 1), character, (index, other) => {
        const text = valid.slice(0, index) + other + valid.slice(index + 1);
        const isValid = (parse: (text: string) => unknown) => {
          try {
            parse(text);
            return true;
          } catch {
            return false;
          }
        };
        expect(isValid(parseExactJson)).toBe(isValid(JSON.parse));
      }),
      { numRuns: 500 },
    );
  });
});

it('parses a text of a million escapes beside a long number', () => {
  const text = 'line\n'.repeat(1_000_000);
  expect(parseExactJson(`[${JSON.stringify(text)},9007199254740993]`)).toEqual([text, '9007199254740993']);
});

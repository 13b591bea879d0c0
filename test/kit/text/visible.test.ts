import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { visible, visibleLine } from '../../../src/kit/text/visible.ts';

it.each([
  ['ESC', 'a\u001b[2Jb', 'a\\u001b[2Jb'],
  [
    'OSC',
    '\u001b]8;;http://evil.example\u0007card\u001b]8;;\u0007',
    '\\u001b]8;;http://evil.example\\u0007card\\u001b]8;;\\u0007',
  ],
  ['CSI of C1', '\u009b31m', '\\u009b31m'],
  ['a carriage return', 'failed: 3\rfailed: 0', 'failed: 3\\u000dfailed: 0'],
  ['a backspace and DEL', 'a\b\u007f', 'a\\u0008\\u007f'],
  ['an override of the direction', '\u202egnp.exe\u2066', '\\u202egnp.exe\\u2066'],
  ['a line separator', 'a\u2028b', 'a\\u2028b'],
])('shows %s', (_what, text, shown) => {
  expect(visible(text)).toBe(shown);
});

it.each(['Žofie Nováková 🎫 👩‍👩‍👧', 'شكرا', 'שלום', 'a\tb\nc', '√ … “x” — \u00a0'])(
  'leaves %j as it is',
  (text) => {
    expect(visible(text)).toBe(text);
  },
);

it('keeps the meaning of JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const json = JSON.stringify(value);
      expect(JSON.parse(visible(json))).toStrictEqual(JSON.parse(json));
    }),
  );
});

it('never leaves a line break in a line', () => {
  expect(visibleLine(' a\r\n\tb\u2028c\u0085d\n')).toBe('a b c\\u0085d');
});

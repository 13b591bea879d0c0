import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExportFormat, makeContentClassifier } from '../../src/bloomreach/export-content.ts';

function classify(format: ExportFormat, text: string | Buffer, size = Infinity) {
  const bytes = Buffer.from(text);
  const content = makeContentClassifier(format);
  for (let at = 0; at < bytes.length; at += size) content.add(bytes.subarray(at, at + size));
  return content.result().kind;
}

const fields = '"fields":[{"type":"id","id":"registered"}]';

describe('a short export answer', () => {
  it.each([
    ['csv', 'registered,note\r\nc-1,x\r\n', 'rows'],
    ['csv', 'registered,note\nc-1,x', 'rows'],
    ['csv', '\uFEFFregistered\r\nc-1', 'rows'],
    ['csv', 'registered', 'empty'],
    ['csv', 'registered,note\r\n', 'empty'],
    ['csv', '"a column\nin two lines",registered\r\n\r\n', 'empty'],
    ['csv', '', 'truncated'],
    ['csv', 'registered,note\r\nc-1,"x', 'truncated'],
    ['csv', '{"success":false,"errors":["no"]}', 'refusal'],
    ['csv', ' {"error":"no","success": false}', 'refusal'],
    ['csv', '{"success":true}', 'foreign'],
    ['csv', '<html>', 'foreign'],
    ['csv', '\u001F\u008B\b', 'foreign'],
    ['native_json', `{"success":true,${fields},"data":[["c-1"]]}`, 'rows'],
    ['native_json', `{"data":[["c-1"]],${fields},"success":true}\n`, 'rows'],
    ['native_json', `{"success":true,${fields},"data":[]}`, 'empty'],
    ['native_json', `{"data":[ ],${fields},"success":true}`, 'empty'],
    ['native_json', `{"success":false,${fields},"data":[["c-1"]]}`, 'refusal'],
    ['native_json', `{${fields},"data":[],"success":false}`, 'refusal'],
    ['native_json', `{"success":true,${fields},"data":[["}`, 'truncated'],
    ['native_json', '{', 'truncated'],
    ['native_json', '', 'truncated'],
    ['native_json', 'registered\r\nc-1\r\n', 'foreign'],
    ['native_json', '[]', 'foreign'],
  ] as const)('in format %s: %j is classified as %s', (format, text, kind) => {
    for (const size of [1, 3, Infinity]) expect(classify(format, text, size)).toBe(kind);
  });
});

describe('an export answer of any length', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.array(fc.constantFrom('"', '\\', '{', '}', '[', ']', '\n', '🌸')).map((parts) => parts.join('')),
    fc.jsonValue(),
  );
  const data = fc.array(fc.array(value, { maxLength: 4 }), { minLength: 1, maxLength: 6 });

  it('is complete as native_json only at its very end', () => {
    fc.assert(
      fc.property(data, fc.integer({ min: 1, max: 30 }), fc.nat(), (rows, size, offset) => {
        const complete = Buffer.from(JSON.stringify({ success: true, fields: [], data: rows }));
        expect(classify('native_json', complete, size)).toBe('rows');
        const part = complete.subarray(0, 25 + (offset % (complete.length - 25)));
        expect(classify('native_json', part, size)).toBe('truncated');
      }),
      { numRuns: 500 },
    );
  });

  it('is classified by its first 64 KB and its end', () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => `["c-${n}"]`).join(',');
    const json = `{"success":true,${fields},"data":[${rows}]}`;
    expect(classify('native_json', json, 50_000)).toBe('rows');
    expect(classify('native_json', json.slice(0, -1), 50_000)).toBe('truncated');
    const csv = `registered\n${'"c,1"\n'.repeat(20_000)}`;
    expect(classify('csv', csv, 50_000)).toBe('rows');
    expect(classify('csv', `${csv}"c`, 50_000)).toBe('truncated');
  });
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePastedJson } from '../../../src/programs/preset/pasted-json.ts';
import { formatNotes } from '../../../src/programs/preset/pasted-text.ts';
import { guideAttributes, guideCreate, guideNotify } from '../../support/guide.ts';

function valueOf(text: string): unknown {
  const { pasted, problems } = parsePastedJson(text, 0);
  expect(problems).toEqual([]);
  return pasted?.value;
}

function problemsOf(text: string): string[] {
  return formatNotes(parsePastedJson(text, 0).problems);
}

test.each([guideCreate, guideNotify, guideAttributes])("parses the guide's bodies as JSON does", (body) => {
  expect(valueOf(body)).toEqual(JSON.parse(body));
});

/** Texts that look like structure, tags or escapes. */
const nasty = fc
  .array(
    fc.constantFrom(
      '{{',
      '}}',
      '{%',
      '%}',
      '"',
      "'",
      '\\',
      '\n',
      ',',
      ':',
      '“',
      '//',
      '#',
      'a',
      ' ',
      '\u2028',
      '🎉',
    ),
  )
  .map((parts) => parts.join(''));

test('parses any JSON as JSON does', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), nasty);
  const member = fc.letrec((seal) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      seal('list'),
      seal('map'),
    ),
    list: fc.array(seal('value'), { maxLength: 4 }),
    map: fc.dictionary(text, seal('value'), { maxKeys: 4 }),
  })).value;
  const body = fc.dictionary(text, member);
  fc.assert(
    fc.property(body, fc.constantFrom(undefined, 2), (value, indent) => {
      const source = JSON.stringify(value, null, indent);
      // A JSON number may have more digits than JavaScript keeps.
      fc.pre(!/(?<![\w".])-?\d{17,}/.test(source));
      // Typographic quotes in a tag become straight, the only ones in Jinja.
      fc.pre(!/\{[{%][\s\S]*[‘’‚‛“”„‟«»]/.test(source));
      expect(valueOf(source)).toEqual(JSON.parse(source));
    }),
    { numRuns: 400 },
  );
});

test.each([
  ['trailing commas', '{"a": [1, 2,], "b": 3,}', { a: [1, 2], b: 3 }],
  ['typographic quotes', '{“a”: “b”, „c“: ‘Jan’s’, «d»: "“x”"}', { a: 'b', c: 'Jan’s', d: '“x”' }],
  ['names and quotes of JavaScript', "{a: 'it\\'s', b_1: \"x\"}", { a: "it's", b_1: 'x' }],
  ['Jinja without quotes', '{"a": {{ time }}, "b": [{{time}}]}', { a: '{{ time }}', b: ['{{time}}'] }],
  ['Jinja with tojson', '{"a": {{ customer.name | tojson }}}', { a: '{{ customer.name }}' }],
  [
    'unescaped quotes in Jinja',
    `{"a": "{{ t | f("x", '"') }}", "b": "{% if customer["x"] %}1{% endif %}"}`,
    { a: `{{ t | f("x", '"') }}`, b: '{% if customer["x"] %}1{% endif %}' },
  ],
  ['typographic quotes in Jinja', '{"a": "{{ time | f(‘%d’) }}"}', { a: "{{ time | f('%d') }}" }],
  [
    'a snippet over several lines',
    '{"a": "{% set x = 1 %}\n  {{ x }}"}',
    { a: '{% set x = 1 %}\n  {{ x }}' },
  ],
  ['comments', '{// one\n"a": 1, {# two #} /* three */ "b": 2}', { a: 1, b: 2 }],
])('repairs %s', (_what, text, value) => {
  expect(valueOf(text)).toEqual(value);
});

test.each([
  ['an open bracket', '{\n"a": {"b": 1,\n"c": 2}', 'line 1: column 1: the { that opens here is not closed'],
  [
    'a bracket of the other kind',
    '{"a": [1,\n2}',
    'line 2: column 2: } closes the [ of line 1, column 7: a bracket is missing or superfluous',
  ],
  [
    'an open quote',
    '{"a": "b,\n"c": 1}',
    'line 1: column 7: the " that opens here is not closed on its line',
  ],
  [
    'a quote in a text',
    '{"a": "he said "hi""}',
    'line 1: column 17: hi is unexpected here: put quotes around texts, and write \\" for a quote in a text',
  ],
  ['a missing comma', '{"a": 1\n"b": 2}', /^line 1: column 7: a value or a comma is missing here$/],
  ['a word', '{"a": yes}', 'line 1: column 7: yes is not a JSON value: put quotes around it'],
  ['a duplicate name', '{"a": 1,\n"a": 2}', 'line 2: column 1: "a" appears twice: keep one'],
  [
    'a block around a member',
    '{"a": 1,\n{% if x %}"b": 2,{% endif %}\n"c": 3}',
    /^line 2: column 1: \{% if x %\} is between members.*Put it into the value/,
  ],
  [
    'unquoted Jinja followed by text',
    '{"a": {{ x }} Kč}',
    /\{\{ x \}\} is followed by other text: put quotes around the whole value/,
  ],
  [
    'a number that would be rounded',
    '{"a": 12345678901234567891}',
    'line 1: column 7: 12345678901234567891 has more digits than a JSON number keeps: put quotes around it',
  ],
  ['an escape that JSON does not have', '{"a": "\\d"}', /JSON has no escape \\d/],
  ['brackets without end', '['.repeat(1000), /nested too deep/],
])('reports %s with its location', (_what, text, problem) => {
  const problems = problemsOf(text);
  expect(problems[0]).toMatch(problem);
});

test('warns about an unquoted number from an attribute, but not from the clock', () => {
  const { notes } = parsePastedJson(
    '{"a": {{ time }},\n"b": {{ customer.points }}, "c": {{ customer.points | int }}}',
    0,
  );
  expect(formatNotes(notes)).toEqual([
    expect.stringMatching(/^line 2: \{\{ customer\.points \}\} has no quotes.*\| int/),
  ]);
});

/** YAML that is valid but cannot be meant is refused with its line and what to write instead. */

import { describe, expect, it } from 'vitest';
import { readYaml, readYamlFile } from '../../src/config/yaml-source.ts';

function problemsOf(text: string): readonly string[] {
  const parsed = readYaml(text, 'p.yaml');
  return parsed.ok ? [] : parsed.problems;
}

const refused: [what: string, text: string, problem: string][] = [
  [
    'a template without quotes',
    'card:\n  name: {{ customer.first_name }}\n',
    'p.yaml:2: card.name: {{ customer.first_name }} without quotes is a YAML map, not a template. Put it in quotes: "{{ customer.first_name }}"',
  ],
  [
    'a template with quotes inside and none around it',
    `name: {{ customer["first name"] }}\n`,
    'p.yaml:1: not valid YAML: Missing , or : between flow map items (put a value with {{ customer["first name"] }} in quotes)',
  ],
  [
    'a template without quotes in a list',
    'names:\n  - {{ customer.first_name }}\n',
    'p.yaml:2: names[0]: {{ customer.first_name }} without quotes is a YAML map, not a template. Put it in quotes: "{{ customer.first_name }}"',
  ],
  [
    'a template without quotes before a text',
    'name: {{ customer.first_name }} {{ customer.last_name }}\n',
    'p.yaml:1: not valid YAML: Unexpected flow-map-start at node end (put a value with {{ customer.first_name }} in quotes)',
  ],
  [
    'a Jinja tag without quotes',
    'name: {% if customer.vip %}VIP{% endif %}\n',
    'p.yaml:1: not valid YAML: Plain value cannot start with directive indicator character % (put a value with {% if customer.vip %} in quotes)',
  ],
  [
    'a map as a name',
    '? {a: 1}\n: x\n',
    'p.yaml:1: {a: 1} is a map or a list, which cannot be a name. Put it in quotes if it is a text.',
  ],
  ['no name', 'a:\n  : x\n', 'p.yaml:2: a: a name is missing before the colon. Write it.'],
  [
    'an alias without an anchor',
    'note: *important\n',
    'p.yaml:1: note: *important refers to an anchor &important, which is not set above it. Set it there, or put the value in quotes if it is a text that starts with *.',
  ],
  ['an alias of itself', 'a: &x\n  b: *x\n', 'p.yaml:2: a.b: *x contains itself. Write the value out.'],
  [
    'a custom tag',
    'a: 1\nid: !Ref template\n',
    'p.yaml:2: not valid YAML: Unresolved tag: !Ref (remove the tag, or put a text that starts with ! in quotes)',
  ],
  [
    'a binary tag',
    'a: !!binary aGk=\n',
    'p.yaml:1: a: the tag tag:yaml.org,2002:binary is not supported. Remove it.',
  ],
  [
    'a tab',
    'a:\n\tb: 1\n',
    'p.yaml:2: not valid YAML: Tabs are not allowed as indentation (indent with blanks)',
  ],
  ['a name twice', 'a: 1\na: 2\n', 'p.yaml:2: duplicate key a'],
  [
    'a color, which is a comment',
    'color: #FF0000\n',
    'p.yaml:1: color: everything from #FF0000 on is a comment. Put the whole value in quotes: "#FF0000". If it is a comment, write a blank after the #.',
  ],
  [
    'a text that is cut off at #',
    'text: Sale #5\n',
    'p.yaml:1: text: everything from #5 on is a comment. Put the whole value in quotes: "Sale #5". If it is a comment, write a blank after the #.',
  ],
];

const numbers: [source: string, value: string][] = [
  ['007', '7'],
  ['+420', '420'],
  ['0x1F', '31'],
  ['0o17', '15'],
  ['1e3', '1000'],
  ['1.50', '1.5'],
  ['5.', '5'],
  ['.5', '0.5'],
  ['-0', '0'],
  ['48.12345678901234567', '48.123456789012344'],
];

const otherTypes = ['1_000', '12:30', '0b11', '0777_1', 'yes', 'No', 'on', 'OFF'];

describe('readYaml', () => {
  it.each(refused)('refuses %s', (_what, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it.each(numbers)('refuses %s, which is the number %s', (source, value) => {
    expect(problemsOf(`a: ${source}\n`)).toEqual([
      `p.yaml:1: a: ${source} without quotes is the number ${value}. Write "${source}" if it is a text, or ${value} if it is a number.`,
    ]);
  });

  it.each(otherTypes)('refuses %s, which other YAML readers take for another type', (source) => {
    expect(problemsOf(`a: ${source}\n`)).toEqual([expect.stringContaining(`"${source}" if it is a text`)]);
  });

  it('refuses aliases that would fill the memory, without a stack trace', () => {
    const levels = Array.from(
      { length: 9 },
      (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}*l${n}]`,
    );
    expect(problemsOf(['l0: &l0 x', ...levels].join('\n'))).toEqual([
      'p.yaml: its aliases (*name) repeat its content more than a hundredfold. Write the values out, or use fewer aliases.',
    ]);
  });

  it('reports every misread value in the order of the lines', () => {
    const problems = problemsOf('a: 007\nb: {{ x }}\nc: [yes]\n');
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['p.yaml:1:', 'p.yaml:2:', 'p.yaml:3:']);
  });

  it('keeps values that mean what they say', () => {
    const text = `
a: "007"
b: [1, -2, 1.5, true, null, 2026-01-01, 8h, "yes", "12:30", 22:00-07:00, 420777123456789012345]
c: { "name": "{{ customer.first_name }}" } # note
d: plain # 1st note
e: |
  {{ customer.a }}
f: # nested
  g: 1
`;
    expect(readYaml(text, 'p.yaml')).toMatchObject({
      ok: true,
      source: {
        value: {
          a: '007',
          b: [
            1,
            -2,
            1.5,
            true,
            null,
            '2026-01-01',
            '8h',
            'yes',
            '12:30',
            '22:00-07:00',
            '420777123456789012345',
          ],
          c: { name: '{{ customer.first_name }}' },
          d: 'plain',
          e: '{{ customer.a }}\n',
          f: { g: 1 },
        },
      },
    });
  });

  it('merges what a merge key names, and lets own keys win', () => {
    expect(readYaml('b: &b { x: 1, y: 2 }\na:\n  <<: *b\n  y: 3\n', 'p.yaml')).toMatchObject({
      ok: true,
      source: { value: { a: { x: 1, y: 3 } } },
    });
  });
});

const text = 'name: Nováková\ncity: Třebíč\n';
const windows1250 = Buffer.from('name: Nov\xE1kov\xE1\ncity: T\xF8eb\xED\xE8\n', 'latin1');

describe('readYamlFile', () => {
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16 with a byte order mark', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16 in network byte order', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
  ])('reads %s', (_encoding, bytes) => {
    expect(readYamlFile(bytes, 'p.yaml')).toMatchObject({ ok: true, source: { value: { city: 'Třebíč' } } });
  });

  it.each([
    [
      'windows-1250',
      windows1250,
      'p.yaml:1: the byte 0xe1 is not UTF-8. It is probably windows-1250: Nováková, Třebíč, name. Save the file as UTF-8.',
    ],
    [
      'UTF-16 without a byte order mark',
      Buffer.from(text, 'utf16le'),
      'p.yaml:1: it is UTF-16 without a byte order mark, not UTF-8. Save the file as UTF-8.',
    ],
    [
      'a NUL byte',
      Buffer.from('a: 1\nb: x\0y\n'),
      'p.yaml:2: it contains a NUL byte, so it is not a text file. Check that this is the right file.',
    ],
    [
      'a letter that was lost before',
      Buffer.from('a: 1\nb: Nov\uFFFDk\n'),
      'p.yaml:2: it contains \uFFFD (U+FFFD): a program has lost a letter there. Write the letter again.',
    ],
  ])('refuses %s with its line', (_what, bytes, problem) => {
    expect(readYamlFile(bytes, 'p.yaml')).toEqual({ ok: false, problems: [problem] });
  });
});

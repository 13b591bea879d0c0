/** Random templates and values that try to keep the engine busy, to fill its memory or to break it. */

import * as fc from 'fast-check';
import type { Json } from '../../src/domain/jobs/program.ts';

const ATTRIBUTES = ['name', 'points', 'list', 'prefs', 'born', 'deep'];

const FILTERS = [
  ...'abs bool capitalize count dictsort escape first float from_json from_timestamp int items last'.split(
    ' ',
  ),
  ...'length lines list lower max min pprint reverse round safe sort split string sum title'.split(' '),
  ...'tojson trim unique upper urlencode hash batch(3) slice(3) indent(9) default(1) groupby("a")'.split(' '),
  ...'join(",") map("upper") map("string") reject("odd") select("string") sort(reverse=true)'.split(' '),
  ...'replace("a","aaaaaaaaaaaaaaaa") replace("","b") split("a") tojson(indent=9) hash("sha512")'.split(' '),
  'from_timestamp("%d.%m.%Y")',
  'map("replace","a","aaaaaaaa")',
  'map("unique")',
  'map("list")',
];

const variable = fc.constantFrom(
  ...ATTRIBUTES.map((name) => `customer.${name}`),
  'customer',
  'time',
  'x',
  'i',
);

const literal = fc.oneof(
  fc.constantFrom(
    '0',
    '7',
    '100000',
    '1e308',
    '9223372036854775807',
    '-1',
    '""',
    '"a"',
    'true',
    'none',
    '[]',
    '{}',
  ),
  fc.integer({ min: 0, max: 3_000_000_000 }).map(String),
  fc.string({ maxLength: 8 }).map((text) => JSON.stringify(text)),
);

const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie('expression');
  return {
    expression: fc.oneof(
      { maxDepth: 6, depthIdentifier: 'expression', withCrossShrink: true },
      fc.oneof(variable, literal),
      fc
        .tuple(inner, fc.array(fc.constantFrom(...FILTERS), { minLength: 1, maxLength: 6 }))
        .map(([piped, calls]) => `(${piped})${calls.map((call) => `|${call}`).join('')}`),
      fc
        .tuple(inner, fc.constantFrom(...'+ - * / // % ** ~ == < in and or'.split(' ')), inner)
        .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      inner.map((count) => `range(${count})`),
      fc.constantFrom('1000', '30000', '100000').map((count) => `range(${count})`),
      fc
        .tuple(literal, fc.constantFrom('1000', '1000000', '50000000'))
        .map(([item, times]) => `([${item}] * ${times})`),
      fc.constantFrom('1000', '1000000', '50000000').map((times) => `("ab" * ${times})`),
      fc.tuple(inner, inner).map(([list, index]) => `(${list})[${index}]`),
      fc.tuple(inner, inner, inner).map(([list, from, to]) => `(${list})[${from}:${to}]`),
      fc.tuple(inner, inner, inner).map(([then, test, other]) => `(${then} if ${test} else ${other})`),
      fc.array(inner, { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
      inner.map((value) => `{"a": ${value}}`),
    ),
  };
});

const { block } = fc.letrec<{ block: string }>((tie) => {
  const inner = tie('block');
  return {
    block: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'block' },
      expression.map((value) => `{{ ${value} }}`),
      fc.string({ maxLength: 12 }),
      fc.tuple(expression, inner).map(([list, body]) => `{% for i in ${list} %}${body}{% endfor %}`),
      fc
        .tuple(expression, inner, inner)
        .map(([test, a, b]) => `{% if ${test} %}${a}{% else %}${b}{% endif %}`),
      expression.map((value) => `{% set x = ${value} %}`),
      inner.map((body) => `{% macro m(x) %}${body}{{ m(x) }}{% endmacro %}{{ m(1) }}`),
      inner.map(
        (body) =>
          `{% set ns = namespace(x="a") %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}${body}`,
      ),
      fc.tuple(expression, inner).map(([reason, body]) => `{% filter ${reason} %}${body}{% endfilter %}`),
      fc.tuple(inner, inner).map(([first, second]) => first + second),
    ),
  };
});

/** Text that is no template, with many marks that open something. */
const garbage = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('{{ ', '{% ', '{# ', '{% raw %}', '{% abort', ''),
      fc.constantFrom(
        '""',
        '"',
        "'",
        '\\"',
        '{{',
        '{%',
        ' ',
        '\\',
        '(',
        '[',
        '|upper',
        '-',
        'a.',
        '1_',
        '%}{%raw%}',
      ),
      fc.integer({ min: 0, max: 600 }),
    )
    .map(([open, piece, times]) => open + piece.repeat(times)),
  fc.string({ maxLength: 200, unit: fc.constantFrom(...Array.from('{}%#"\'\\ -+|()[].ai1_~,:\n')) }),
);

export const hostileTemplate: fc.Arbitrary<string> = fc
  .oneof({ weight: 6, arbitrary: block }, { weight: 1, arbitrary: garbage })
  .map((source) => source.slice(0, 2000));

const PIECES = [
  '1',
  '0',
  '1_',
  '9.',
  ' ',
  'a',
  'e1',
  'é',
  '😀',
  '[',
  '{"a":',
  '"',
  '\\',
  '-',
  '%',
  ',1',
  'T00',
  '2026-01-01',
];

function nested(depth: number): Json {
  let value: Json = 'a';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Made once: making them takes longer than rendering them. */
const HUGE: readonly Json[] = [
  ...PIECES.flatMap((piece) =>
    [100, 20_000, 300_000].flatMap((times) => ['', 'x', ']'].map((end) => piece.repeat(times) + end)),
  ),
  ...[1000, 20_000, 100_000].map((length) => Array.from({ length }, (_, index) => index)),
  ...[1000, 20_000].map((length) => Array.from({ length }, (_, index) => `t${index}`)),
  ...[50, 101, 5000].map(nested),
];

/** Values of customers: short ones mostly, and texts, lists and nestings that no customer has. */
export const hostileValue: fc.Arbitrary<Json> = fc.oneof(
  { weight: 19, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json> },
  { weight: 1, arbitrary: fc.constantFrom(...HUGE) },
);

/** A customer with all attributes that {@link hostileTemplate} reads. */
export const hostileCustomer: fc.Arbitrary<Record<string, Json>> = fc
  .array(hostileValue, { minLength: ATTRIBUTES.length, maxLength: ATTRIBUTES.length })
  .map((values) => Object.fromEntries(ATTRIBUTES.map((name, index) => [name, values[index] ?? null])));

/** Templates of real programs, which hostile customers are rendered with. */
export const HONEST_TEMPLATES = [
  '{{ customer.name | upper | trim | title }} {{ customer.points | int + 1 }}',
  '{{ customer.points | int }}',
  '{{ customer.points | float | round(2) }}',
  '{{ customer.born | from_timestamp("%d.%m.%Y") }}',
  '{{ (customer.prefs | from_json).lang | default("en") }}',
  '{{ customer.name | hash("sha256") }}',
  '{% for tag in customer.list %}{{ tag }}{% if not loop.last %}, {% endif %}{% endfor %}',
  '{{ customer.list | unique | sort | join(", ") }}',
  '{{ customer.name.split(" ")[0] | replace("a", "b") | capitalize }}',
  '{{ customer.list | map("string") | unique | list | length }}',
  '{{ customer | length }} {{ customer.deep }}',
];

import { expect, test } from 'vitest';
import { parseNames } from '../../../src/programs/jinja/names.ts';

function references(source: string): string[] {
  return parseNames(source).references.map(
    ({ root, path, unconditional }) => `${[root, ...path].join('.')}${unconditional ? '' : '?'}`,
  );
}

test.each([
  ['{{ customer.name }}', ['customer.name']],
  ["{{ customer['first name'] ~ customer.a.b }}", ['customer.first name', 'customer.a.b']],
  ['{{ customer.name.split(" ")[0] | upper }}', ['customer.name']],
  ["{{ customer.get('x') }}", ['customer']],
  ["{{ customer.x | default('') }}", ['customer.x?']],
  ['{{ customer.x | default(customer.y) }}', ['customer.x?', 'customer.y?']],
  [
    '{% if customer.vip %}{{ customer.since }}{% endif %}{{ customer.a }}',
    ['customer.vip?', 'customer.since?', 'customer.a'],
  ],
  ["{{ 'a' if customer.x else 'b' }}", ['customer.x?']],
  ['{% set a = customer.x %}{{ a }}', ['customer.x']],
  ['{% for c in customer.list if c.ok %}{{ loop.index }}{{ c.name }}{% endfor %}', ['customer.list?']],
  ["{{ change_message(zone='x', days=time) }}", ['change_message', 'time']],
  ['{# {{ a }} #}{% raw %}{{ b }}{% endraw %}{{ "{{ c }}" }} d', []],
  ['{% macro m(x, y=1) %}{{ x ~ y }}{% endmacro %}{{ m(time) }}', ['time']],
  ['{% set x %}{{ time }}{% endset %}{{ x }}', ['time?']],
  ['{{- customer.a -}}', ['customer.a']],
])('%s uses %j', (source, expected) => {
  expect(references(source)).toEqual(expected);
});

test('distinguishes filters and tests from variables', () => {
  const {
    filters,
    tests,
    references: uses,
  } = parseNames(
    '{% filter trim %}{{ a | upper | replace("x", b) if a is not none and b is divisibleby(3) }}{% endfilter %}',
  );
  expect([...filters]).toEqual(['trim', 'upper', 'replace']);
  expect([...tests]).toEqual(['none', 'divisibleby']);
  expect(new Set(uses.map(({ root }) => root))).toEqual(new Set(['a', 'b']));
});

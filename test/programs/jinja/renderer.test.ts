import { describe, expect, test } from 'vitest';
import { value } from '../../../src/programs/jinja/call.ts';
import { programDialect } from '../../../src/programs/jinja/dialects.ts';
import { valueOf } from '../../../src/programs/python/json.ts';
import { makeRenderer } from '../../../src/programs/jinja/renderer.ts';

const renderer = makeRenderer({
  filters: {
    ...programDialect.filters,
    broken: () => {
      throw new Error('a bug of ours');
    },
    kind: ({ positional: [given] }) => value(typeof given),
  },
  functions: programDialect.functions,
});

const context = { customer: { name: 'Jan', points: '12', secret: 'hunter2' }, time: 1763855000.25 };

function compiled(source: string) {
  const result = renderer.compile(source);
  if (!result.ok) throw new Error(`${result.fault.kind}: ${result.fault.message}`);
  return result.template;
}

function render(source: string, data: Record<string, unknown> = context) {
  const result = renderer.compile(`{##}${source}`);
  return result.ok ? result.template.render(variables(data)) : result;
}

function variables(data: Record<string, unknown>) {
  return new Map(Object.entries(data).map(([name, given]) => [name, valueOf(given)]));
}

function printed(source: string, data?: Record<string, unknown>): string {
  const result = render(source, data);
  if (!result.ok) throw new Error(`${result.fault.kind}: ${result.fault.message}`);
  return result.value as string;
}

function faultOf(source: string) {
  const result = render(source);
  if (result.ok) throw new Error(`rendered ${JSON.stringify(result.value)}`);
  return result.fault;
}

test('escapes nothing', () => {
  const name = `<&'"/\\>😀\n\u2028`;
  expect(render('{{ name }}', { name })).toEqual({ ok: true, value: name });
});

test('keeps a trailing newline', () => {
  expect(printed('{{ customer.name }}\n')).toBe('Jan\n');
});

describe('absent values', () => {
  test('can be tested', () => {
    expect(printed("{% if customer.x %}y{% else %}n{% endif %}{{ customer.x | default('-') }}")).toBe('n-');
    expect(printed('{{ customer.x is defined }}')).toBe('False');
  });

  test.each([
    ['{{ customer.x }}', 'customer.x'],
    ['čau 😀 {{ customer["x"] }}', 'customer["x"]'],
    ['a\nb {{ customer.name.x }}', 'customer.name.x'],
    ['{% for x in customer.list %}{% endfor %}', 'customer.list'],
  ])('cannot be printed: %j', (source, at) => {
    expect(faultOf(source)).toEqual({ kind: 'absent', message: 'undefined value', at });
  });
});

test('a fault names the call and contains no value', () => {
  const fault = faultOf('{{ customer.secret }}{{ customer.name | from_json }}');
  expect(fault).toMatchObject({ kind: 'failed', at: 'from_json' });
  expect(JSON.stringify(fault)).not.toContain('hunter2');
  expect(faultOf('{% include customer.secret %}').message).not.toContain('hunter2');
});

test.each([
  ['{{ unclosed', 'syntax'],
  ['{% abort %}', 'aborted'],
  ['{% abort later %}', 'syntax'],
  ["{% include 'x' %}", 'misused'],
  ['{{ time | nofilter }}', 'unknown'],
  ['{{ nofunction() }}', 'unknown'],
  ['{{ time is notest }}', 'unknown'],
  ["{{ time | from_timestamp('%Q') }}", 'misused'],
  ["{{ customer.name | from_timestamp('%d') }}", 'failed'],
  ['{{ customer | debug }}', 'unknown'],
  ['{{ debug() }}', 'unknown'],
])('%s is a fault of kind %s', (source, kind) => {
  expect(faultOf(source).kind).toBe(kind);
});

test('bounds steps and output', () => {
  const loop = '{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}';
  expect(faultOf(loop).kind).toBe('limit');
  expect(faultOf("{{ 'a' * 1000001 }}")).toMatchObject({
    kind: 'limit',
    message: expect.stringContaining('needs too much memory'),
  });
  expect(printed('{{ customer.name }}')).toBe('Jan');
});

test('renders earlier templates after one that needs too much', () => {
  const before = compiled('{{ customer.name }}');
  expect(render("{{ 'a' * n }}", { n: 3_000_000_000 })).toMatchObject({
    ok: false,
    fault: { kind: 'limit' },
  });
  expect(render('{{ ' + '('.repeat(5000) + '1' + ')'.repeat(5000) + ' }}')).toMatchObject({ ok: false });
  expect(before.render(variables(context))).toEqual({ ok: true, value: 'Jan' });
});

test('rethrows a bug in our own filter, and renders the next template', () => {
  expect(() => render('{{ 1 | broken }}')).toThrow('a bug of ours');
  expect(printed('{{ 1 }}')).toBe('1');
});

test('from_json keeps the digits of long numbers', () => {
  const data = { customer: { cards: '{"id":9007199254740993,"points":17}' } };
  expect(printed('{{ (customer.cards | from_json).id }}', data)).toBe('9007199254740993');
  expect(printed('{{ (customer.cards | from_json).points + 1 }}', data)).toBe('18');
});

test('passes whole numbers to filters as numbers', () => {
  expect(printed('{{ 1763855000 | kind }}{{ (time | int) | kind }}')).toBe('numbernumber');
});

test('knows the names that templates can use', () => {
  expect(renderer.knows('filter', 'upper')).toBe(true);
  expect(renderer.knows('filter', 'from_timestamp')).toBe(true);
  expect(renderer.knows('filter', 'uper')).toBe(false);
  expect(renderer.knows('test', 'defined')).toBe(true);
  expect(renderer.knows('test', 'divisibleby')).toBe(true);
  expect(renderer.knows('test', 'in')).toBe(true);
  expect(renderer.knows('test', 'definde')).toBe(false);
  expect(renderer.knows('global', 'range')).toBe(true);
  expect(renderer.knows('global', 'change_message')).toBe(true);
  expect(renderer.knows('global', 'customer')).toBe(false);
});

describe('filters', () => {
  test.each([
    ["{{ time | from_timestamp('%d-%m-%Y %H:%M:%S') }}", '22-11-2025 23:43:20'],
    ["{{ '1763855000.9' | from_timestamp('%S') }}", '20'],
    ["{{ '2025-06-20T14:23:45Z' | from_timestamp('%H:%M') }}", '14:23'],
    ["{{ '2025-06-20T14:23:45' | from_timestamp('%H:%M') }}", '14:23'],
    ['{{ time | from_timestamp }}', '2025-11-22 23:43:20'],
    ["{{ 'a@b.cz' | hash('md5') }}", 'bd7256ef7c48b4639130910d0fb3b51a'],
    ['{{ \'{"a":{"b":[1,2]}}\' | from_json }}', "{'a': {'b': [1, 2]}}"],
    ['{{ (\'{"a":{"b":"x"}}\' | from_json).a.b }}', 'x'],
    ["{{ (('{\"a\":null}' | from_json).a) | default('absent') }}", 'absent'],
  ])('%s prints %s', (source, expected) => {
    expect(printed(source)).toBe(expected);
  });

  test.each([
    ["{{ 'soon' | from_timestamp('%d') }}", 'failed'],
    ["{{ '' | from_timestamp('%d') }}", 'failed'],
    ["{{ time | from_timestamp('%d', 'x') }}", 'misused'],
    ["{{ 'x' | hash('crc') }}", 'misused'],
    ["{{ 'x' | from_json }}", 'failed'],
    ["{{ change_message(zone='Europe/Pragu') }}", 'misused'],
    ['{{ change_message(hours=1) }}', 'misused'],
    ['{{ change_message(days=1.5) }}', 'misused'],
  ])('%s is %s', (source, kind) => {
    expect(faultOf(source).kind).toBe(kind);
  });
});

import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Json,
  type Template,
  type TemplateContext,
  whyUnrendered,
} from '../../../src/domain/jobs/program.ts';
import { compileTemplate, type TemplateOptions } from '../../../src/programs/template/template.ts';
import { programRenderer as renderer } from '../../../src/programs/jinja/dialects.ts';

function compile(body: Json, more: Partial<TemplateOptions> = {}): Template {
  const compiled = compileTemplate({
    renderer,
    section: 'create',
    body,
    extras: [],
    whenAbsent: 'fail',
    ...more,
  });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.template;
}

function render(body: Json, customer: TemplateContext['customer'] = {}, more: Partial<TemplateOptions> = {}) {
  return compile(body, more).render({ customer, customer_ids: { registered: 'c-17' }, time: 1763855000 });
}

test('keeps the type of a leaf that is one expression; any other leaf is text', () => {
  const customer = { cell: '12', number: 12, yes: true, list: [1, 'a'], map: { a: 1 } };
  const body = {
    time: '{{ time }}',
    spaced: ' {{ time }}',
    cell: '{{ customer.cell }}',
    number: '{{ customer.number }}',
    yes: '{{ customer.yes }}',
    list: '{{ customer.list }}',
    map: '{{ customer.map }}',
    sum: '{{ customer.cell | int + 1 }}',
    half: '{{ 1 / 2 }}',
    two: '{{ customer.cell }}{{ customer.cell }}',
    braces: '{{ "}}" }}',
    nothing: '{{ none }}',
    untouched: [1, true, null, 'plain', { '{{ time }}': {} }],
  };
  expect(render(body, customer)).toEqual({
    ok: true,
    body: {
      time: 1763855000,
      spaced: ' 1763855000',
      cell: '12',
      number: 12,
      yes: true,
      list: [1, 'a'],
      map: { a: 1 },
      sum: 13,
      half: 0.5,
      two: '1212',
      braces: '}}',
      nothing: null,
      untouched: [1, true, null, 'plain', { '{{ time }}': {} }],
    },
  });
});

test('keeps digits that a number cannot hold as text', () => {
  expect(render({ a: '{{ customer.card | int }}' }, { card: '12345678901234567890' })).toEqual({
    ok: true,
    body: { a: '12345678901234567890' },
  });
});

test('renders any text byte for byte, alone and joined with others', () => {
  const template = compile({ a: '{{ customer.a }}', b: 'x{{ customer.a }}y', c: ['{{ customer.b }}'] });
  assert(
    property(string({ unit: 'grapheme' }), string({ unit: 'binary' }), (a, b) => {
      const rendered = template.render({ customer: { a, b }, customer_ids: {}, time: 1 });
      expect(rendered).toEqual({ ok: true, body: { a, b: `x${a}y`, c: [b] } });
    }),
  );
  const nasty = `"\\'<&>{{ time }}{% raw %}\n\r\u0000\u001E\u2028😀`;
  expect(render({ a: '{{ customer.a }}' }, { a: nasty })).toEqual({ ok: true, body: { a: nasty } });
});

test('scopes what a leaf sets to that leaf', () => {
  expect(render(['{% set time = 1 %}{{ time }}', 'at {{ time }}'])).toEqual({
    ok: true,
    body: ['1', 'at 1763855000'],
  });
});

test('keeps braces and blanks around tags', () => {
  const leaves = [
    '{{ time }} {',
    '{ {{ time }}',
    '{{- time -}} ',
    '{{ time }}}',
    '{%- if time %} a {%- endif %}\n',
  ];
  expect(render(leaves)).toEqual({
    ok: true,
    body: ['1763855000 {', '{ 1763855000', '1763855000', '1763855000}', ' a\n'],
  });
});

test('refuses a leaf that breaks out of its scope', () => {
  const compiled = compileTemplate({
    renderer,
    section: 'create',
    body: ['{% endwith %}{% with %}'],
    extras: [],
    whenAbsent: 'fail',
  });
  expect(compiled).toMatchObject({ ok: false, problems: [{ path: [0] }] });
});

const missing = (detail: string) => ({ ok: false, failure: { code: 'ROW_FIELD_MISSING', detail } });

describe('absent attributes', () => {
  test.each([
    ['{{ customer.email }}', {}],
    ['{{ customer.email }}', { email: null }],
    ['{{ customer.email | upper }}', {}],
    ['to {{ customer["email"] ~ "x" }}', {}],
    ['{% set e = customer.email | trim %}{{ e }}', {}],
    ['{% if customer.a %}{{ customer.email }}{% endif %}', { a: '1' }],
  ])('%s fails and names the attribute', (source, customer) => {
    expect(render({ metadata: { email: source } }, customer)).toEqual(
      missing('customer.email is empty; create.metadata.email needs it'),
    );
  });

  test('an inherited name is not an attribute', () => {
    expect(render(['{{ customer.constructor }}'])).toEqual(
      missing('customer.constructor is empty; create[0] needs it'),
    );
  });

  test('absent ids fail, too', () => {
    expect(render(['{{ customer_ids.cookie }}'])).toEqual(
      missing('customer_ids.cookie is empty; create[0] needs it'),
    );
  });

  test.each([
    ["{{ customer.x | default('') }}", ''],
    ["{{ customer.x | default('-') | upper }}", '-'],
    ['{% if customer.x %}a{% else %}b{% endif %}', 'b'],
    ["{{ 'a' if customer.x else 'b' }}", 'b'],
    ['{{ customer.x is defined }}', false],
    ["{{ customer.x or 'none' }}", 'none'],
    ["{{ [customer.x, 'spare'] | select | first }}", 'spare'],
    ["{{ customer.map.x | default('d') }}", 'd'],
  ])('%s renders', (source, expected) => {
    expect(render([source], { x: null, map: { x: null } })).toEqual({ ok: true, body: [expected] });
  });

  test('can omit the leaf instead', () => {
    const body = { a: '{{ customer.a }}', b: '{{ customer.b }}', c: ['{{ customer.c.d }}', 'x'] };
    expect(render(body, { b: 'b' }, { whenAbsent: 'omit' })).toEqual({
      ok: true,
      body: { b: 'b', c: ['x'] },
    });
  });
});

test('any other failure names the leaf and contains no data', () => {
  const rendered = render(
    { a: '{{ customer.name }}', b: ['{{ customer.name | from_json }}'] },
    { name: 'Jan Novák' },
  );
  expect(rendered).toMatchObject({ ok: false, failure: { code: 'TEMPLATE_FAILED' } });
  const detail = rendered.ok ? '' : whyUnrendered(rendered);
  expect(detail).toMatch(/^create\.b\[0\]: .*\(at from_json\)$/);
  expect(detail).not.toContain('Jan');
});

test('sees all attributes if it computes their names', () => {
  expect(render(['{% set c = customer %}{{ c.a }}', "{{ customer['a' ~ 'b'] }}"], { a: 1, ab: 2 })).toEqual({
    ok: true,
    body: ['1', 2],
  });
});

describe('needs', () => {
  test.each<[string, string[], string[]]>([
    ["{{ customer.a }}{{ customer.b | default('') }}", ['a', 'b'], ['a']],
    ['{{ customer.a | int }}', ['a'], ['a']],
    ['{{ customer.a.b }}', ['a'], ['a']],
    ["{{ customer.a | from_timestamp('%Y') }}", ['a'], ['a']],
    ['{% if customer.vip %}{{ customer.since }}{% endif %}', ['vip', 'since'], []],
    ['{% if customer.a %}{{ customer.a }}{% endif %}', ['a'], []],
    ["{% if customer.lang == 'cs' %}{{ customer.a }}{% endif %}", ['lang', 'a'], []],
    ['{{ (customer.prefs | from_json).lang.deep }}', ['prefs'], ['prefs']],
    ['plain', [], []],
  ])('%s uses %j and needs %j', (source, uses, needs) => {
    const template = compile({ leaf: source });
    expect(template.uses).toEqual(uses);
    expect(template.needs).toEqual(needs);
  });
});

test('abort excludes a customer, even one who lacks attributes', () => {
  const body = {
    first: '{{ customer.first_name }}',
    guard: '{% if not customer.consent %}{% abort: "no consent" %}{% endif %}',
  };
  const more = { mayAbort: true };
  expect(render(body, { first_name: 'Jan' }, more)).toEqual({ ok: false, aborted: 'no consent' });
  expect(render(body, {}, more)).toEqual({ ok: false, aborted: 'no consent' });
  expect(render(body, { consent: 'yes' }, more)).toMatchObject({ failure: { code: 'ROW_FIELD_MISSING' } });
  expect(render(body, { consent: 'yes', first_name: 'Jan' }, more)).toEqual({
    ok: true,
    body: { first: 'Jan', guard: '' },
  });
  const guarded = '{% if not customer.email %}{%- abort -%}{% endif %}{{ customer.email }}';
  expect(compile(guarded, more).needs).toEqual([]);
  expect(render(guarded, {}, more)).toEqual({ ok: false, aborted: '' });
  expect(render(guarded, { email: 'a@b' }, more)).toEqual({ ok: true, body: 'a@b' });
  expect(render('{% raw %}{% abort %}{% endraw %}', {}, more)).toEqual({ ok: true, body: '{% abort %}' });
});

test('refuses abort in a section that is rendered after the create', () => {
  expect(() => compile('{% abort %}')).toThrow('the card already exists');
});

test('names the equivalent of a variable that only Bloomreach has', () => {
  expect(() => compile("{{ aggregates['a1'] }}")).toThrow(
    /unknown variable aggregates: Bloomreach computes it: add it to the export as a column/,
  );
  expect(() => compile('{{ custommer.name }}')).toThrow(/unknown variable custommer, did you mean customer/);
});

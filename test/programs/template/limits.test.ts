/** Templates and values that blocked the process, or broke its engine, before work and memory were limited. */

import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../../src/programs/template/condition.ts';
import { compileRule } from '../../../src/programs/template/edit-rule.ts';
import { compileSection } from '../../../src/programs/template/section.ts';
import { makeJob } from '../../support/make.ts';

const DOUBLING =
  '{% set ns = namespace(x="aaaaaaaaaa") %}{% for i in range(40) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x|length }}';

function problemsOf(template: string) {
  const compiled = compileRule({ attribute: 'email', template });
  return compiled.ok ? [] : compiled.problems;
}

/** Renders a template that is fine with short values. */
function render(source: string, customer: Record<string, unknown>) {
  const compiled = compileSection('create', { a: 'x', b: source });
  if (!compiled.ok) throw new Error(compiled.problems[0]?.problem);
  return compiled.template.render({ customer, customer_ids: {}, time: 1_800_000_000 });
}

const failed = (detail: string) => ({
  ok: false,
  failure: { code: 'TEMPLATE_FAILED', detail: expect.stringContaining(detail) as string },
});

describe('an operator’s template', () => {
  it('that doubles a text until memory is full is refused, and the next one renders', () => {
    for (let times = 0; times < 3; times += 1) {
      expect(problemsOf(DOUBLING)).toEqual([
        expect.stringMatching(/^(needs too much memory|takes too much work)/),
      ]);
      expect(render('{{ customer.name }}', { name: 'Jan' })).toEqual({
        ok: true,
        body: { a: 'x', b: 'Jan' },
      });
    }
  });

  it.each([
    ['{{ ' + '""'.repeat(20), 'syntax'],
    ['{{ ' + '""'.repeat(900), 'syntax'],
    [`{% abort${' '.repeat(1900)}x`, ''],
    ['{{ "' + '\\"'.repeat(900), ''],
    ['{% raw %}'.repeat(200), ''],
  ])('%.30s… is refused after one pass over it', (template) => {
    expect(problemsOf(template)).toHaveLength(1);
    expect(compileCondition(template)).toMatchObject({ ok: false });
  });

  it.each([
    '{% for i in range(30000) %}{% if range(100000)|sum %}{% endif %}{% endfor %}',
    `{{ (range(100000)|${Array.from({ length: 160 }, () => 'unique|list').join('|')}|length) > 0 }}`,
    '{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}',
    '{% for i in range(99999) %}{{ ("a" * 900000)|hash }}{% endfor %}',
    '{% for i in range(9999) %}{% if ([("a" * 9000000)] * 9)|hash %}{% endif %}{% endfor %}',
  ])('that takes too much work is refused: %.60s', (template) => {
    expect(problemsOf(template)).toEqual([
      expect.stringMatching(
        /^(takes too much work|needs too much memory|.*recurs|has more than 200 operators)/,
      ),
    ]);
  });
});

describe('a program', () => {
  it('is refused if one short value is too much work for it', () => {
    const compiled = compileSection('create', {
      a: '{% for i in range(90000) %}{{ customer.a }}{% endfor %}',
    });
    expect(compiled).toMatchObject({
      ok: false,
      problems: [
        { path: ['create', 'a'], problem: expect.stringContaining('takes too much work') as string },
      ],
    });
  });

  it.each([
    ['{{ customer.points | int }}', { points: '1'.repeat(100_000) + 'x' }, 0],
    ['{{ customer.points | int }}', { points: '1_'.repeat(100_000) + 'x' }, 0],
    ['{{ customer.points | int }}', { points: '1'.repeat(100_000) }, 0],
    ['{{ customer.points | int }}', { points: `${' '.repeat(100_000)}x` }, 0],
    ['{{ customer.points | int }}', { points: '12345678901234567890' }, '12345678901234567890'],
    ['{{ customer.points | int }}', { points: '12.' }, 12],
    ['{{ customer.points | int }}', { points: '1_000.5e2' }, 100_050],
  ])('%s reads a number in one pass over it', (source, customer, value) => {
    expect(render(source, customer)).toEqual({ ok: true, body: { a: 'x', b: value } });
  });

  it('fails for the one customer whose values are too long, nested or many, and names the field', () => {
    expect(render('{{ customer.name | upper }}', { name: 'a'.repeat(1_000_001) })).toEqual(
      failed(
        'create.b: is too large for a template: all values together may have 1000000 characters (at customer.name)',
      ),
    );
    const deep = JSON.parse('['.repeat(102) + ']'.repeat(102)) as unknown;
    expect(render('{{ customer.deep | length }}', { deep })).toEqual(
      failed('create.b: is nested more than 100 levels'),
    );
    const list = Array.from({ length: 2000 }, (_, index) => `t${index}`);
    expect(render('{{ customer.list | sort | unique | list | length }}', { list })).toMatchObject({
      body: { b: 2000 },
    });
    expect(
      render('{% for a in customer.list %}{% for b in customer.list %}{{ b }}{% endfor %}{% endfor %}', {
        list,
      }),
    ).toEqual(failed('create.b: takes too much work and was stopped'));
    expect(render('{{ customer.name }}', { name: 'Jan' })).toMatchObject({ ok: true });
  });
});

it('an edit rule fails for the one job that is too much work, and works for the next', () => {
  const rule = compileRule({
    attribute: 'x',
    template: '{% for a in customer.l %}{% for b in customer.l %}{% endfor %}{% endfor %}',
  });
  const edit = (l: string[]) =>
    rule.ok && rule.edit(makeJob(1, { customer: { ids: {}, attributes: { l } } }), 1_800_000_000);
  const long = Array.from({ length: 20_000 }, () => 'a');
  expect(edit(long)).toEqual({ ok: false, problem: expect.stringContaining('x: takes too much work') });
  expect(edit(['a'])).toMatchObject({ ok: true });
});

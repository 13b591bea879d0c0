import { describe, expect, it } from 'vitest';
import { compileRule } from '../../../src/programs/template/edit-rule.ts';
import type { EditRule } from '../../../src/domain/failures/edit-rule.ts';
import { makeJob } from '../../support/make.ts';

const job = makeJob(1, {
  customer: { ids: { registered: 'c-1' }, attributes: { points: '7', note: null, old: 'x' } },
});

const edited = (rule: EditRule, time = 86_400) => {
  const compiled = compileRule(rule);
  if (!compiled.ok) throw new Error(compiled.problems.join());
  const result = compiled.edit(job, time);
  return result.ok ? result.job.customer.attributes : result.problem;
};

describe('an edit rule', () => {
  it('keeps the type of a single expression, and has the filters of the templates', () => {
    expect(edited({ attribute: 'points', template: '{{ customer.points | int + 1 }}' })).toMatchObject({
      points: 8,
    });
    expect(edited({ attribute: 'day', template: "{{ time | from_timestamp('%d.%m.%Y') }}" })).toEqual({
      points: '7',
      note: null,
      old: 'x',
      day: '02.01.1970',
    });
    expect(edited({ attribute: 'fixed', template: 'CZ' })).toMatchObject({ fixed: 'CZ' });
  });

  it('sets values, and removes attributes that are null', () => {
    expect(edited({ values: { points: 9, old: null } })).toEqual({ points: 9, note: null });
  });

  it('reports a failure for the one customer', () => {
    expect(edited({ attribute: 'x', template: '{{ customer.surname }}' })).toContain(
      'customer.surname is empty',
    );
    expect(edited({ attribute: 'x', template: "{{ 'ab' * 9000 }}" })).toContain('at most 10000 are allowed');
    expect(edited({ attribute: 'registered', template: 'c-2' })).toContain('cannot be changed');
  });

  it.each<[EditRule, string]>([
    [{ attribute: 'x', template: '{{ customer.a | upcase }}' }, 'unknown filter upcase'],
    [{ attribute: 'x', template: '{% if %}' }, ''],
    [
      {
        attribute: 'x',
        template: '{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}',
      },
      'takes too much work',
    ],
    [{ attribute: 'x', template: 'a'.repeat(2001) }, '2001 characters'],
    [{ attribute: '', template: 'a' }, 'must have 1 to 200 characters'],
    [{ values: {} }, 'changes nothing'],
    [{ values: { a: 'a'.repeat(10_001) } }, 'at most 10000 are allowed'],
  ])('refuses %j', (rule, problem) => {
    const compiled = compileRule(rule);
    expect(compiled.ok ? [] : compiled.problems).toEqual([expect.stringContaining(problem)]);
  });
});

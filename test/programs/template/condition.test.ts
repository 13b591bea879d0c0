import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../../src/programs/template/condition.ts';

const DAY = 86_400;
const time = 1_800_000_000;

function verdict(source: string, customer: Record<string, unknown> = {}) {
  const compiled = compileCondition(source);
  if (!compiled.ok) throw new Error(compiled.problems.join('\n'));
  return compiled.condition.evaluate({ customer, customer_ids: { registered: 'c-1' }, time });
}

const older = '{{ customer.passmachine_pass_gendate | int < time - 90 * 86400 }}';

describe('a condition', () => {
  it.each([
    ['matches for an old enough card', older, { passmachine_pass_gendate: String(time - 91 * DAY) }, true],
    ['does not match for a newer card', older, { passmachine_pass_gendate: String(time - 89 * DAY) }, false],
    ['treats an absent attribute as 0 in arithmetic', older, {}, true],
    ['does not match for an absent attribute', '{{ customer.vip }}', {}, false],
    [
      'can test whether an attribute is present',
      '{{ customer.a is defined and customer.a | int > 1 }}',
      {},
      false,
    ],
    ['can default an absent attribute', "{{ customer.city | default('') != 'Brno' }}", {}, true],
    ['does not match for a text', '{{ customer.vip }}', { vip: 'true' }, false],
    ['matches for the boolean true', '{{ customer.vip }}', { vip: true }, true],
    ['does not match for a number', '{{ 1 }}', {}, false],
    ['can use customer ids', "{{ customer_ids.registered == 'c-1' }}", {}, true],
  ])('%s', (_, source, customer, matches) => {
    expect(verdict(source, customer)).toEqual({ ok: true, matches });
  });

  it('reports why it cannot be evaluated for a customer', () => {
    expect(verdict(older, { passmachine_pass_gendate: 'soon' })).toMatchObject({
      ok: false,
      failure: { code: 'TEMPLATE_FAILED', detail: expect.stringMatching(/^where: /) as string },
    });
  });

  it('lists the attributes that it uses', () => {
    const compiled = compileCondition("{{ customer.a | int > 1 and customer.b | default('') == '' }}");
    expect(compiled.ok && compiled.condition.uses).toEqual(['a', 'b']);
  });

  it.each([
    ['customer.age > 3', 'must be one expression, e.g. {{'],
    ['{% if true %}true{% endif %}', 'must be one expression'],
    ['{{ custmer.age > 3 }}', 'unknown variable custmer, did you mean customer?'],
    ['{{ text == "" }}', 'text is defined in notify only'],
    ['{{ customer.age > }}', 'expected an expression'],
    [`{{ ${'1 + '.repeat(1000)}1 }}`, 'at most 2000 are allowed'],
  ])('refuses %.30s', (source, problem) => {
    expect(compileCondition(source)).toEqual({ ok: false, problems: [expect.stringContaining(problem)] });
  });
});

import { describe, expect, it } from 'vitest';
import { makeConditionCompiler } from '../../../src/programs/template/condition.ts';

const compile = makeConditionCompiler();
const DAY = 86_400;
const time = 1_800_000_000;

function verdict(source: string, customer: Record<string, unknown> = {}) {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(compiled.problems.join('\n'));
  return compiled.condition.judge({ customer, customer_ids: { registered: 'c-1' }, time });
}

const older = '{{ customer.passmachine_pass_gendate | int < time - 90 * 86400 }}';

describe('a condition', () => {
  it.each([
    ['of an age, met', older, { passmachine_pass_gendate: String(time - 91 * DAY) }, true],
    ['of an age, not met', older, { passmachine_pass_gendate: String(time - 89 * DAY) }, false],
    ['on an attribute that is not there, which is 0 as a number', older, {}, true],
    ['on an attribute that is nothing by itself', '{{ customer.vip }}', {}, false],
    ['that asks whether it is there', '{{ customer.a is defined and customer.a | int > 1 }}', {}, false],
    ['that allows for its absence', "{{ customer.city | default('') != 'Brno' }}", {}, true],
    ['that says a text', '{{ customer.vip }}', { vip: 'true' }, false],
    ['that says true', '{{ customer.vip }}', { vip: true }, true],
    ['that says a number', '{{ 1 }}', {}, false],
    ['on an id', "{{ customer_ids.registered == 'c-1' }}", {}, true],
  ])('%s', (_, source, customer, holds) => {
    expect(verdict(source, customer)).toEqual({ ok: true, holds });
  });

  it('that cannot be told of a customer says why', () => {
    expect(verdict(older, { passmachine_pass_gendate: 'soon' })).toMatchObject({
      ok: false,
      failure: { code: 'TEMPLATE_FAILED', detail: expect.stringMatching(/^where: /) as string },
    });
  });

  it('knows what it mentions', () => {
    const compiled = compile("{{ customer.a | int > 1 and customer.b | default('') == '' }}");
    expect(compiled.ok && compiled.condition.uses).toEqual(['a', 'b']);
  });

  it.each([
    ['customer.age > 3', 'must be one expression, e.g. {{'],
    ['{% if true %}true{% endif %}', 'must be one expression'],
    ['{{ custmer.age > 3 }}', 'unknown variable custmer, did you mean customer?'],
    ['{{ text == "" }}', 'text is known in notify only'],
    ['{{ customer.age > }}', 'unexpected'],
    [`{{ ${'1 + '.repeat(1000)}1 }}`, '2000 are taken'],
  ])('%.30s is refused', (source, problem) => {
    expect(compile(source)).toEqual({ ok: false, problems: [expect.stringContaining(problem)] });
  });
});

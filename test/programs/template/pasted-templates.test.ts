/** Templates that were pasted from Bloomreach and printed something else than Jinja2 does, without a word. */

import { describe, expect, it } from 'vitest';
import { campaignText } from '../../../src/domain/jobs/pass-job.ts';
import { compileCondition } from '../../../src/programs/template/condition.ts';
import { compileText } from '../../../src/programs/template/notification-text.ts';
import { compileSection } from '../../../src/programs/template/section.ts';

const TIME = 1_763_855_000;

function render(source: string, customer: Record<string, unknown>) {
  const compiled = compileSection('create', { a: source });
  if (!compiled.ok) return { refused: compiled.problems.map(({ problem }) => problem) };
  return compiled.template.render({ customer, customer_ids: {}, time: TIME });
}

const rejected = (detail: string) => ({
  ok: false,
  failure: { code: 'TEMPLATE_FAILED', detail: expect.stringContaining(detail) as string },
});

describe('a text compared with a number', () => {
  const level = '{% if customer.points > 1000 %}Gold{% else %}Basic{% endif %}';
  const advice =
    'customer.points is a text and cannot be compared with a number: write customer.points | int, or | float';

  it.each(['5', '250', '100000'])('rejects the row of a cell %s, and says what to write', (points) => {
    expect(render(level, { points })).toEqual(rejected(advice));
  });

  it('fails on either side, and in a chain', () => {
    expect(render('{{ 1000 < customer.points }}', { points: '250' })).toEqual(rejected(advice));
    expect(render('{{ 1 < customer.points < 1000 }}', { points: '250' })).toEqual(rejected(advice));
  });

  it('compares what the template makes a number, and what arrived as one', () => {
    expect(render(level.replace('points', 'points | int'), { points: '250' })).toMatchObject({
      body: { a: 'Basic' },
    });
    expect(render(level, { points: 2500 })).toMatchObject({ body: { a: 'Gold' } });
  });

  it('rejects the row in a condition, instead of matching every customer', () => {
    const compiled = compileCondition('{{ customer.points > 1000 }}');
    const context = { customer: { points: '250' }, customer_ids: {}, time: TIME };
    expect(compiled.ok && compiled.condition.evaluate(context)).toEqual(rejected(advice));
  });
});

const sent = (value: string) => ({ ok: true, body: [{ op: 'replace', path: '/a', value }] });

describe('Jinja in the text of a notification', () => {
  const compiled = compileSection('notify', [{ op: 'replace', path: '/a', value: '{{ text }}' }]);

  function notify(text: string, customer: Record<string, unknown>) {
    if (!compiled.ok) throw new Error('the section is valid');
    return compiled.template.render({ customer, customer_ids: {}, time: TIME, ...campaignText(text) });
  }

  it('is rendered for each customer', () => {
    expect(notify('Ahoj {{ customer.first_name }}', { first_name: 'Jana' })).toEqual(sent('Ahoj Jana'));
    expect(notify('Ahoj {{ customer.first_name }}', { first_name: 'Petr' })).toEqual(sent('Ahoj Petr'));
    expect(notify('{{ customer.points }}', { points: 12 })).toEqual(sent('12'));
    expect(notify('Double points', {})).toEqual(sent('Double points'));
  });

  it('rejects a customer who lacks its attribute, and skips customers that it excludes', () => {
    expect(notify('Ahoj {{ customer.first_name }}', {})).toMatchObject({
      failure: { code: 'ROW_FIELD_MISSING', detail: 'customer.first_name is empty; text needs it' },
    });
    expect(notify('{% if not customer.vip %}{% abort %}{% endif %}Hi', {})).toEqual({
      ok: false,
      aborted: '',
    });
  });

  it('is refused before the start if it can never work', () => {
    expect(compileText('Ahoj {{ custommer.first_name }}')).toEqual({
      ok: false,
      problems: ['unknown variable custommer, did you mean customer?'],
    });
    expect(compileText('Ahoj {{ customer.first_name')).toMatchObject({ ok: false });
  });

  it('is not looked for in the text of a webhook, which may hold what a customer wrote', () => {
    if (!compiled.ok) throw new Error('the section is valid');
    const context = { customer: { email: 'secret@example.com' }, customer_ids: {}, time: TIME };
    const rendered = compiled.template.render({ ...context, text: '{{ customer.email }}' });
    expect(rendered).toEqual(sent('{{ customer.email }}'));
  });
});

describe('from_timestamp', () => {
  it.each([1_795_400_000_123, '1795400000123'])('rejects the milliseconds %s', (until) => {
    expect(render("{{ customer.until | from_timestamp('%d.%m.%Y') }}", { until })).toEqual(
      rejected('milliseconds must be divided by 1000'),
    );
  });

  it('prints seconds, fractions of them, and milliseconds that were divided', () => {
    const format = "from_timestamp('%d.%m.%Y')";
    expect(render(`{{ customer.until | ${format} }}`, { until: '1795400000.123' })).toMatchObject({
      body: { a: '23.11.2026' },
    });
    expect(render(`{{ (customer.until / 1000) | ${format} }}`, { until: 1_795_400_000_123 })).toMatchObject({
      body: { a: '23.11.2026' },
    });
  });

  it('refuses a format without directives', () => {
    expect(render("{{ time | from_timestamp('US') }}", {})).toEqual({
      refused: [expect.stringContaining('needs a format with directives')],
    });
  });
});

describe('filters of Jinja2', () => {
  const customer = {
    first_name: "jana's",
    n: 250,
    long: 'Sleva dvacet procent na zimní zboží',
    items: [{ price: 1.5 }, { price: 2 }],
  };

  it.each([
    ['{{ customer.first_name | title }}', "Jana's"],
    ['{{ customer.n | round(-2) }}', 200],
    ['{{ customer.long | truncate(20) }}', 'Sleva dvacet...'],
    ["{{ 'banana' | replace('a', 'o', 2) }}", 'bonona'],
    ["{{ customer['items'] | sum(attribute='price') }}", 3.5],
    ["{{ '7'.zfill(3) }}", '007'],
    ["{{ customer.get('nick', 'none') }}", 'none'],
    ["{{ '%.2f' % 2.5 }}", '2.50'],
    ["{{ 'a b' | urlencode }}", 'a%20b'],
    ["x{{ '' | first }}", 'x'],
    ['x{{ none }}{{ [1, "a", true] }}', "xNone[1, 'a', True]"],
  ])('%s is %j', (source, expected) => {
    expect(render(source, customer)).toEqual({ ok: true, body: { a: expected } });
  });
});

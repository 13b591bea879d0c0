/** What a preflight warns about: values that are valid and probably not meant. */

import { describe, expect, it } from 'vitest';
import { preflightAll } from '../../src/campaign/preflight.ts';
import { describeWarning } from '../../src/domain/campaigns/preflight-warning.ts';
import type { Customer } from '../../src/domain/jobs/pass-job.ts';
import { recompileProgram } from '../../src/programs/file/program.ts';

const CONSENT = "{% if not customer.consent %}{% abort: 'no consent' %}{% endif %}";

/** Checks customers with these attributes; `first_name` is a template that decides by an attribute. */
async function preflightOf(
  template: string,
  customers: (Record<string, unknown> & { registered?: string })[],
) {
  const rows = customers.map(({ registered, ...attributes }, index) => {
    const customer: Customer = { ids: { registered: registered ?? `c-${index + 1}` }, attributes };
    return { ok: true as const, number: index + 1, customer };
  });
  const create = { templateVariables: { kpFirstName: template } };
  const program = recompileProgram('loyalty', { card: 'loyalty', templateId: 't', create });
  if (program === undefined) throw new Error(`does not compile: ${template}`);
  return preflightAll({
    source: {
      async *rows() {
        yield rows;
      },
    },
    program,
    action: 'issue',
    now: Date.UTC(2026, 0, 15),
  });
}

const texts = (values: unknown[], attribute = 'consent') => values.map((value) => ({ [attribute]: value }));

async function warningsOf(template: string, customers: Parameters<typeof preflightOf>[1]): Promise<string[]> {
  return (await preflightOf(template, customers)).warnings.map(describeWarning);
}

describe('a bare truth test of a column of text', () => {
  it('names the column, its values and what to write instead', async () => {
    expect(await warningsOf(CONSENT, texts(['true', 'false', '0']))).toEqual([
      `customer.consent is tested as true or false, but its column is text ("false", "0", "true"), and every text counts as true: 2 rows with a no count as yes. Write (customer.consent | default('') == 'true') instead of customer.consent.`,
    ]);
  });

  it.each([
    [['true', 'false', '0'], 1],
    [['1', '0', '1', ''], 2],
    [['TRUE', 'FALSE', 'true'], 2],
    [['ano', 'ne', 'ne'], 1],
    [['false', 'maybe'], 0],
    [['250', '0', '0.00', '10'], 2],
    [['0', 'false'], 0],
  ])('suggests an expression by which of %j only %d are sent', async (values, sent) => {
    const before = await preflightOf(CONSENT, texts(values));
    const [warning] = before.warnings;
    if (warning?.kind !== 'text-as-truth') throw new Error('no warning');
    const rewritten = CONSENT.replace('customer.consent', warning.write);
    const after = await preflightOf(rewritten, texts(values));
    expect(after).toMatchObject({ toSend: sent, rejected: 0, warnings: [] });
    expect(before.toSend).toBeGreaterThan(sent);
  });

  it.each([
    ['booleans, as in JSON', [true, false, 0, 1]],
    ['texts that all mean yes', ['true', '1', 'yes', '']],
    ['names, among which No is one', ['Jana', 'No', 'N', '0']],
    ['house numbers', ['12', '12a', '0']],
    ['no value at all', ['', '']],
  ])('is silent for %s', async (_what, values) => {
    expect(await warningsOf(CONSENT, texts(values))).toEqual([]);
  });

  it('is silent for a comparison, and for a column that is only shown', async () => {
    const compared = "{{ 'VIP' if customer.consent == 'true' else customer.consent }}";
    expect(await warningsOf(compared, texts(['true', 'false']))).toEqual([]);
  });

  it('names a column with a blank in its name as a template must', async () => {
    const template = "{{ 'yes' if customer['has card'] else 'no' }}";
    const [warning] = await warningsOf(template, texts(['true', 'false'], 'has card'));
    expect(warning).toContain(`(customer["has card"] | default('') == 'true')`);
  });
});

describe('ids that differ only in case', () => {
  it('are counted and named, of e-mails', async () => {
    const ids = ['jana@example.com', 'Jana@Example.com', 'JANA@EXAMPLE.COM', 'petr@example.com'];
    expect(
      await warningsOf(
        'x',
        ids.map((registered) => ({ registered })),
      ),
    ).toEqual([
      '2 ids differ from another id only in case: Jana@Example.com, JANA@EXAMPLE.COM. passbridge sends to each. If your Bloomreach project lowercases ids, they are one customer, who gets several cards: lowercase the id column and export it again.',
    ]);
  });

  it('include e-mails that differ in their Unicode form', async () => {
    const ids = ['jiří@example.com', 'jiří@example.com'.normalize('NFD')];
    expect(
      await warningsOf(
        'x',
        ids.map((registered) => ({ registered })),
      ),
    ).toHaveLength(1);
  });

  it('are no matter of other ids, nor of a customer who is there twice', async () => {
    const ids = ['001AbC', '001ABc', 'a@example.com', 'a@example.com'];
    expect(
      await warningsOf(
        'x',
        ids.map((registered) => ({ registered })),
      ),
    ).toEqual([]);
  });
});

describe('values that were decoded twice', () => {
  it('are named with what was probably meant', async () => {
    const customers = [{ last_name: 'Nová' }, { last_name: 'NovÃ¡' }, { last_name: 'Å½ofie' }];
    expect(await warningsOf('x', customers)).toEqual([
      'customer.last_name was decoded twice in 2 rows: row 2 has “NovÃ¡”, probably meant as “Nová”. Export it again with the right encoding, unless it is meant.',
    ]);
  });
});

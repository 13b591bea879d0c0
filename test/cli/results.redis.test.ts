/** `passbridge results`: the rows that are not done, as a CSV that a campaign can use as its source. */

import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { campaignIdIn, makeWorkspace } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';

type Row = Record<string, string>;

const rowsOf = (csv: string): Row[] => parse(csv, { columns: true });

describe('passbridge results', () => {
  it('prints the rows that are not done, and a campaign with them sends exactly those', async () => {
    const { sandbox, run, write } = await makeWorkspace({
      faults: [
        { target: 'create', fault: 422, match: '^c-1$' },
        { target: 'create', fault: 'reset-before', match: '^c-2$' },
        { target: 'create', fault: { status: 503, retryAfter: 0 }, match: '^c-3$' },
      ],
    });
    const odd = 'c-9," A ""quoted"" name\nin two lines ",B,x@example.com,';
    await write('export.csv', `${goodCustomers(8)}${odd}\nc-4,twice,B,y@example.com,1\n`);
    const first = await run(['issue', 'loyalty', 'export.csv'], { RETRY_DELAYS: '0.1' });
    const id = campaignIdIn(first.stdout);
    expect(first.stdout).toContain(`passbridge results ${id}`);

    const { code, stdout } = await run(['results', id]);
    expect(code).toBe(0);
    const rows = rowsOf(stdout);
    expect(
      rows.map((row) =>
        ['row', 'customer', 'state', 'code', 'attempts'].map((name) => row[`passbridge_${name}`]).join(' '),
      ),
    ).toEqual([
      '1 registered:c-1 rejected PM_REFUSED 1',
      '2 registered:c-2 unknown PM_UNKNOWN_RESET 1',
      '3 registered:c-3 failed PM_UNAVAILABLE 2',
      '9 registered:c-9 rejected ROW_FIELD_MISSING ',
      '10 registered:c-4 skipped duplicate ',
    ]);
    expect(rows[3]).toMatchObject({ first_name: ' A "quoted" name\nin two lines ', email: 'x@example.com' });
    expect(rows[0]?.['passbridge_answer']).toContain('Unprocessable');

    sandbox.faults.clear();
    const before = sandbox.witness.count('create');
    await write('again.csv', stdout.replace('x@example.com,,', 'x@example.com,000009,'));
    const again = await run(['issue', 'loyalty', 'again.csv']);
    expect(again.stdout).toMatch(/done +3[\s\S]+skipped +2 [\s\S]+rows +5/);
    expect(sandbox.witness.count('create') - before).toBe(3);
    expect(sandbox.witness.doubles()).toEqual([]);

    const rest = rowsOf((await run(['results', campaignIdIn(again.stdout)])).stdout);
    expect(rest.map((row) => [row['passbridge_row'], row['passbridge_code']])).toEqual([
      ['2', 'card-unknown'],
      ['5', 'has-card'],
    ]);
    expect(Object.keys(rest[0] ?? {})).toEqual(Object.keys(rows[0] ?? {}));
  });

  it('keeps the types of a JSON source, and its nested values, when it is sent again', async () => {
    const { sandbox, run, write } = await makeWorkspace({ faults: [{ target: 'create', fault: 422 }] });
    await write(
      'programs.yaml',
      `programs:
  p:
    card: loyalty
    templateId: t
    create:
      templateVariables:
        tier: "{% if customer.vip %}VIP{% else %}Basic{% endif %}"
        points: "{{ customer.points }}"
        city: "{{ customer.address.city }}"
`,
    );
    const customer = { registered: 'c-1', vip: false, points: 250, address: { city: 'Zlín' } };
    await write('export.jsonl', `${JSON.stringify(customer)}\n{"torn"\n`);
    const env = { PROGRAMS_FILE: 'programs.yaml' };
    const first = await run(['issue', 'p', 'export.jsonl'], env);
    const { stdout } = await run(['results', campaignIdIn(first.stdout)], env);
    const [refused, invalid] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(refused).toMatchObject({ ...customer, passbridge_row: 1, passbridge_code: 'PM_REFUSED' });
    expect(invalid).toMatchObject({ passbridge_row: 2, passbridge_code: 'ROW_UNREADABLE' });

    sandbox.faults.clear();
    await write('again.jsonl', stdout);
    await run(['issue', 'p', 'again.jsonl'], env);
    expect([...sandbox.passes.all()].map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      expect.objectContaining({ templateVariables: { tier: 'Basic', points: 250, city: 'Zlín' } }),
    ]);
  });

  it('is refused if the source has changed, and names the alternative', async () => {
    const { run, write } = await makeWorkspace({ faults: [{ target: 'create', fault: 422 }] });
    await write('export.csv', goodCustomers(2));
    const id = campaignIdIn((await run(['issue', 'loyalty', 'export.csv'])).stdout);
    await write('export.csv', goodCustomers(3));
    const { code, stderr } = await run(['results', id]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`passbridge failures --campaign ${id} --csv`),
    ]);
    expect((await run(['results', 'nope'])).code).toBe(2);
  });
});

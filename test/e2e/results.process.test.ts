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

  it('has a column for every attribute of a JSON source', async () => {
    const { run, write } = await makeWorkspace({ faults: [{ target: 'create', fault: 422 }] });
    await write(
      'export.jsonl',
      [
        '{"registered":"c-1","first_name":"A","last_name":"B","email":"a@example.com","id":7}',
        '{"torn"',
        '',
      ].join('\n'),
    );
    const { stdout } = await run(['issue', 'loyalty', 'export.jsonl']);
    const [refused, invalid] = rowsOf((await run(['results', campaignIdIn(stdout)])).stdout);
    expect(refused).toMatchObject({
      registered: 'c-1',
      first_name: 'A',
      id: '7',
      passbridge_code: 'PM_REFUSED',
    });
    expect(invalid).toMatchObject({ registered: '', passbridge_row: '2', passbridge_code: 'ROW_UNREADABLE' });
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

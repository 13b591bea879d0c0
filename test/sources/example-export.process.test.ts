import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { customerKey } from '../../src/domain/jobs/pass-job.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { allOf } from './all-of.ts';

const path = 'examples/customers.csv';

it('equals the output of its script', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/example-export.mjs']);
  expect(stdout).toBe(await readFile(path, 'utf8'));
});

it('has every kind of row that a campaign meets, and 293 that get a card', async () => {
  const file = await openFile(path, { idTypes: ['registered'] });
  const rows = await allOf(file.rows());
  const bad = rows.flatMap((row) => (row.ok ? [] : [row.failure.code]));
  const customers = rows.flatMap((row) => (row.ok ? [row.customer] : []));
  const withAttribute = (name: string) => customers.filter(({ attributes }) => name in attributes).length;
  const refused = customers.filter(({ attributes }) =>
    String(attributes['email']).endsWith('@refuse.example'),
  );
  const counts = {
    rows: rows.length,
    bad,
    different: new Set(customers.map(customerKey)).size,
    haveCard: withAttribute('passmachine_pass_id'),
    haveEmail: withAttribute('email'),
    refused: refused.length,
  };
  expect(counts).toEqual({
    rows: 300,
    bad: ['ROW_ID_MISSING'],
    different: 298,
    haveCard: 3,
    haveEmail: 298,
    refused: 1,
  });
  const always = ['first_name', 'last_name', 'id', 'language', 'city', 'loyalty_points', 'loyalty_tier'];
  expect(always.filter((name) => withAttribute(name) !== customers.length)).toEqual([]);
});

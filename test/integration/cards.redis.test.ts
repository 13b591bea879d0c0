/** The fifteen example programs: issue, update, notify and write-back with each example export. */

import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { expect, it } from 'vitest';
import {
  type CardExample,
  cardExamples,
  programOfExample,
} from '../../src/services/programs/card-examples.ts';
import { cardTypes } from '../../src/domain/jobs/program.ts';
import { startBridge } from '../support/bridge.ts';

type Row = Record<string, string>;

/** Returns the first customer with one value of another customer, in an attribute that the update template uses. */
function changedCustomer(rows: readonly Row[], uses: readonly string[]): Row {
  const [first = {}, ...others] = rows;
  for (const name of uses.toReversed()) {
    const other = others.find((row) => row[name] !== first[name] && row[name] !== '');
    if (other !== undefined) return { ...first, [name]: other[name] ?? '' };
  }
  throw new Error('all customers have the same values');
}

it('has a program and an export for every kind of card, and no other files', () => {
  const files = readdirSync('examples/cards').filter((name) => /\.(yaml|csv)$/.test(name));
  expect(files.toSorted()).toEqual(cardTypes.flatMap((kind) => [`${kind}.csv`, `${kind}.yaml`]).toSorted());
});

it.each(cardExamples)(
  'issues, updates, notifies and writes back $kind cards',
  async (example: CardExample) => {
    const { kind, file, customers } = example;
    const bridge = await startBridge({ program: kind, env: { PROGRAMS_FILE: file } });
    const { sandbox, run } = bridge;
    const rows: Row[] = parse(readFileSync(customers, 'utf8'), { columns: true });
    const cardOf = (row: Row) => {
      const [card, ...more] = sandbox.passes.of(row['registered'] ?? '');
      if (card === undefined || more.length > 0) throw new Error(`${more.length + 1} cards`);
      return card;
    };
    const shown = (row: Row) =>
      (JSON.parse(cardOf(row).body) as { templateVariables: Record<string, unknown> }).templateVariables;

    expect(await run('issue', readFileSync(customers, 'utf8'))).toMatchObject({ done: rows.length });
    for (const row of rows) {
      expect(cardOf(row).body).not.toMatch(/\{\{|\{%|undefined|none/);
      expect(Object.keys(shown(row)).length).toBeGreaterThanOrEqual(7);
      expect(sandbox.customers.properties(`registered:${row['registered']}`)).toMatchObject({
        passmachine_pass_id: cardOf(row).id,
        passmachine_pass_link: expect.stringContaining('http'),
        passmachine_pass_gendate: expect.any(Number),
        // Empty values are not written back.
        ...(row['email'] !== '' && { passmachine_pass_email: row['email'] }),
      });
    }

    const [first = {}] = rows;
    const before = shown(first);
    const { update } = programOfExample(example);
    const withCards = [changedCustomer(rows, update?.uses ?? []), ...rows.slice(1)].map((row) =>
      Object.assign({}, row, { passmachine_pass_id: cardOf(row).id }),
    );
    const csv = stringify(withCards, { header: true });
    expect(await run('update', csv)).toMatchObject({ done: rows.length });
    const { fieldValue, changeMessage, ...changes } = shown(first);
    expect([fieldValue, changeMessage]).toEqual([before['fieldValue'], before['changeMessage']]);
    expect({ fieldValue, changeMessage, ...changes }).not.toEqual(before);

    const text = `Hello from ${kind}`;
    expect(await run('notify', csv, { options: { text } })).toMatchObject({ done: rows.length });
    for (const row of rows) expect(shown(row)['fieldValue']).toBe(text);
    expect(shown(first)).toMatchObject(changes);
  },
);

/** `passbridge failures` and `passbridge retry`. */

import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { goodCustomers } from '../support/customers.ts';
import { makeWorkspace } from '../support/cli.ts';

describe('failures', () => {
  it('are listed by cause and, as CSV, row by row', async () => {
    const { run, write } = await makeWorkspace({
      faults: [{ target: 'create', fault: 422, match: '^c-[12]$' }],
    });
    await write('export.csv', `${goodCustomers(4)},A,B,x@example.com,9\n`);
    expect((await run(['issue', 'loyalty', 'export.csv'])).code).toBe(1);

    const causes = await run(['failures']);
    expect(causes.stdout).toMatch(/2 × PM_REFUSED[\s\S]+What to do:[\s\S]+Row 1: /);
    const csv = await run(['failures', '--csv', '--code', 'PM_']);
    const rows: Record<string, string>[] = parse(csv.stdout, { columns: true });
    expect(rows.map(({ row, customer, code }) => [row, customer, code].join(' ')).toSorted()).toEqual([
      '1 registered:c-1 PM_REFUSED',
      '2 registered:c-2 PM_REFUSED',
    ]);
  });

  it('with an unknown code are refused with the nearest code', async () => {
    const { run } = await makeWorkspace();
    const { code, stderr } = await run(['failures', '--code', 'PM_REFUSD']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('did you mean PM_REFUSED')]);
    expect((await run(['retry', '--campaign', 'nope'])).code).toBe(2);
  });
});

describe('a retry', () => {
  it('sends each failure once, records its reason, and keeps the counters exact', async () => {
    const { sandbox, run, write } = await makeWorkspace({
      faults: [{ target: 'create', fault: 422, match: '^c-[1-5]$' }],
    });
    await write('export.csv', goodCustomers(20));
    expect((await run(['issue', 'loyalty', 'export.csv'])).stdout).toMatch(/rejected +5/);
    sandbox.faults.clear();

    const { code, stdout } = await run(['retry', '--code', 'PM_REFUSED', '--reason', 'fixed']);
    expect(stdout).toMatch(/5 {2}calls are retried/);
    expect(stdout).toMatch(/done +20/);
    expect(stdout).toMatch(/rejected +0/);
    expect(code).toBe(0);
    const { entries } = JSON.parse((await run(['audit', '--json'])).stdout) as { entries: object[] };
    expect(entries[0]).toMatchObject({ action: 'failures.retry', reason: 'fixed' });
    expect((await run(['retry'])).stdout).toContain('Nothing to retry');
    expect(sandbox.passes.size).toBe(20);
    expect(sandbox.witness.doubles()).toEqual([]);
  });

  it('excludes creates that may have made a card, except with --unknown', async () => {
    const { sandbox, run, write } = await makeWorkspace({
      faults: [{ target: 'create', fault: 'reset-before', match: '^c-1$' }],
    });
    await write('export.csv', goodCustomers(3));
    expect((await run(['issue', 'loyalty', 'export.csv'])).stdout).toMatch(/unknown +1/);
    sandbox.faults.clear();

    expect((await run(['retry'])).stdout).toMatch(/1 {2}may have a card.+--unknown/);
    expect(sandbox.passes.size).toBe(2);
    const retried = await run(['retry', '--code', 'PM_UNKNOWN', '--unknown']);
    expect(retried.stdout).toMatch(/done +3/);
    expect(retried.code).toBe(0);
    expect(sandbox.passes.size).toBe(3);
  });

  it('excludes halted campaigns', async () => {
    const { sandbox, run, write } = await makeWorkspace({
      faults: [{ target: 'create', fault: 422 }],
    });
    await write('export.csv', goodCustomers(40));
    const paused = await run(['issue', 'loyalty', 'export.csv']);
    expect(paused.stdout).toMatch(/: paused by passbridge[\s\S]+20 of 20 ended rows/);
    sandbox.faults.clear();
    const calls = sandbox.witness.count('create');
    const { code, stdout } = await run(['retry']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/\d+ {2}belong to campaigns that are held, paused or stopped/),
    ]);
    expect(sandbox.witness.count('create')).toBe(calls);
  });

  it('of a refused write-back does not make a second card', async () => {
    const { sandbox, run, write } = await makeWorkspace({
      faults: [{ target: 'command', fault: { refuse: ['no'] }, match: '"c-1"' }],
    });
    await write('export.csv', goodCustomers(3));
    const first = await run(['issue', 'loyalty', 'export.csv'], { RETRY_DELAYS: '0.1,0.1' });
    expect([first.code, first.stdout]).toEqual([
      1,
      expect.stringMatching(/saved to Bloomreach: 2 of 3 \(1 failed\)/),
    ]);
    sandbox.faults.clear();

    const { code, stdout } = await run(['retry', '--code', 'BR_']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/saved to Bloomreach: 3 of 3/)]);
    expect(sandbox.passes.size).toBe(3);
    expect(sandbox.witness.writeBacks.missing()).toEqual([]);
  });
});

describe('resolve', () => {
  it('ends unknown creates from the filled-in list of failures, and exits 1 if a line is refused', async () => {
    const { sandbox, run, write } = await makeWorkspace({
      faults: [{ target: 'create', fault: '502-after' }],
    });
    await write('export.csv', goodCustomers(2));
    expect((await run(['issue', 'loyalty', 'export.csv'])).stdout).toMatch(/unknown +2/);
    const { stdout } = await run(['failures', '--code', 'PM_UNKNOWN', '--csv']);
    const rows: { job: string; customer: string }[] = parse(stdout, { columns: true });
    const cardOf = (customer: string) => sandbox.passes.of(customer.replace('registered:', ''))[0]?.id;
    const lines = rows.map(({ job, customer }) => `${job},${customer},${cardOf(customer)}`);
    await write('cards.csv', ['job,customer,pass_id', ...lines, 'nothing-1,,p-1'].join('\n'));

    const checked = await run(['resolve', 'cards.csv', '--dry-run']);
    expect([checked.code, checked.stdout]).toEqual([1, expect.stringMatching(/2 {2}would end done/)]);
    const { code, stdout: report } = await run(['resolve', 'cards.csv', '--reason', 'seen']);
    expect([code, report]).toEqual([1, expect.stringMatching(/line 4: .+not-unknown[\s\S]+2 {2}are done/)]);
    expect((await run(['status'])).stdout).toMatch(/unknown +0|finished/);
    expect((await run(['resolve', 'cards.csv', '--json'])).code).toBe(1);
    expect((await run(['resolve', '--job', 'x'])).code).toBe(2);
    expect((await run(['resolve', 'absent.csv'])).code).toBe(2);
  });
});

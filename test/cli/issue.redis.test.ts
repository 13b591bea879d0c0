/** `passbridge issue`, `status` and `find`: what they do, print and exit with. */

import { describe, expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';

interface Status {
  campaigns: Record<string, unknown>[];
}

describe('passbridge issue', () => {
  it('issues cards, reports them, and exits with 0 if no row failed', async () => {
    const { sandbox, run, write } = await makeWorkspace();
    await write('export.csv', goodCustomers(60));
    const { code, stdout } = await run(['issue', 'loyalty', 'export.csv']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/done +60 +saved to Bloomreach: 60 of 60/);
    expect(sandbox.passes.size).toBe(60);

    const status = await run(['status', '--json']);
    const counters = {
      rows: 60,
      done: 60,
      skipped: 0,
      rejected: 0,
      failed: 0,
      unknown: 0,
      stopped: 0,
      pending: 0,
    };
    const campaign = {
      program: 'loyalty',
      action: 'issue',
      status: 'finished',
      ...counters,
    };
    expect((JSON.parse(status.stdout) as Status).campaigns).toEqual([
      { id: expect.any(String), ...campaign },
    ]);

    const again = await run(['issue', 'loyalty', 'export.csv']);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/skipped +60/);
    expect(sandbox.passes.size).toBe(60);
  });

  it('records every customer for find by id, email, card and job', async () => {
    const { sandbox, run, write } = await makeWorkspace({
      faults: [{ target: 'create', fault: { status: 503, retryAfter: 0 }, times: 1 }],
    });
    await write('export.csv', goodCustomers(3));
    await run(['issue', 'loyalty', 'export.csv']);
    const passId = sandbox.passes.of('c-2')[0]?.id ?? '';
    const [, job = ''] = /\((\S+)\)/.exec((await run(['find', 'c-2'])).stdout) ?? [];

    for (const text of ['c-2', 'C-2@Example.com', passId, job]) {
      const { code, stdout } = await run(['find', text]);
      expect(code).toBe(0);
      expect(stdout).toMatch(
        new RegExp(`^registered:c-2\n(.*\n)?.*Z  create  done +${passId}  \\(loyalty-issue-`),
      );
      expect(stdout).toMatch(/Z +written-back +\(loyalty-issue-.*-2\)$/m);
    }
    const all = await Promise.all([1, 2, 3].map(async (n) => (await run(['find', `c-${n}`])).stdout));
    expect(all.filter((text) => / attempt-failed +PM_UNAVAILABLE  /.test(text))).toHaveLength(1);
    expect((await run(['find', 'c-4'])).stdout).toMatch(/^Nothing recorded for c-4 in the last \d+ days/);
    const off = await run(['find', 'c-2'], { CUSTOMER_INDEX: 'off' });
    expect(off.code).toBe(2);
    expect(off.stdout + off.stderr).toContain('CUSTOMER_INDEX');
  });

  it('exits with 1 if some rows failed, and lists them', async () => {
    const { run, write } = await makeWorkspace();
    await write(
      'export.csv',
      'registered,first_name,last_name,email,id\nc-1,A,B,,1\nc-2,A,B,b@example.com,2\n',
    );
    const { code, stdout } = await run(['issue', 'loyalty', 'export.csv']);
    expect(code).toBe(1);
    expect(stdout).toContain('1 × ROW_FIELD_MISSING');
    expect(stdout).toContain('Row 1: customer.email is empty');
  });

  it('needs no credentials in a dry run, shows five bodies and sends nothing', async () => {
    const { sandbox, run, write } = await makeWorkspace();
    await write('export.csv', goodCustomers(5));
    const { code, stdout } = await run(['issue', 'loyalty', 'export.csv', '--dry-run'], {
      PASSMACHINE_ACCOUNT_ID: undefined,
      BLOOMREACH_URL: undefined,
      BLOOMREACH_PROJECT_TOKEN: undefined,
      BLOOMREACH_API_KEY_ID: undefined,
      BLOOMREACH_API_SECRET: undefined,
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/= +5 {2}rows/);
    expect(stdout.match(/^Body of row/gm)).toHaveLength(5);
    expect(sandbox.witness.entries()).toEqual([]);
  });
});

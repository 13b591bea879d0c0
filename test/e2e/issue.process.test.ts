/** `passbridge issue` on the command line. */

import { describe, expect, it } from 'vitest';
import { goodCustomers } from '../support/customers.ts';
import { makeWorkspace, printed } from '../support/cli.ts';
import { printedDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';

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

  it('continues if its output is closed, as by head', async () => {
    const { sandbox, start, write } = await makeWorkspace();
    await write('export.csv', goodCustomers(30));
    const running = start(['issue', 'loyalty', 'export.csv']);
    running.child.stdout?.destroy();
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    expect(sandbox.passes.size).toBe(30);
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

  it('is sent by a later `up` if detached, and `up` stops on SIGTERM', async () => {
    const { sandbox, run, start, write } = await makeWorkspace();
    await write('export.csv', goodCustomers(30));
    const detached = await run(['issue', 'loyalty', 'export.csv', '--detach']);
    expect(detached.code).toBe(0);
    expect(detached.stdout).toContain('No worker is running');
    expect(sandbox.passes.size).toBe(0);

    const up = start(['up']);
    const [, url] = await printed(up, /is up at (\S+)/);
    const { bearer: headers } = await printedDashboard(up);
    await eventually(() => expect(sandbox.witness.writeBacks.missing()).toHaveLength(0));
    await eventually(() => expect(sandbox.passes.size).toBe(30));
    await eventually(async () => {
      const { campaigns } = (await (await fetch(`${url}/api/campaigns`, { headers })).json()) as Status;
      expect(campaigns).toMatchObject([{ done: 30, writtenBack: 30, status: 'finished' }]);
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(
      /passbridge_jobs_total\{action="create",outcome="done",code=""\} 30/,
    );
    up.child.kill('SIGTERM');
    expect((await up.ended).code).toBe(0);
  });

  it('finishes its calls when interrupted, and `up` sends the rest without duplicates', async () => {
    const { sandbox, start, write } = await makeWorkspace({ latencyMs: 50 });
    await write('export.csv', goodCustomers(200));
    const issue = start(['issue', 'loyalty', 'export.csv']);
    await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(40));
    issue.child.kill('SIGINT');
    const { code, stdout } = await issue.ended;
    expect(code).toBe(130);
    expect(stdout).toContain('Nothing is lost');
    expect(sandbox.passes.size).toBeLessThan(200);

    start(['up']);
    await eventually(() => expect(sandbox.passes.size).toBe(200));
    await eventually(() => expect(sandbox.witness.writeBacks.missing()).toEqual([]));
    expect(sandbox.witness.doubles()).toEqual([]);
    expect(sandbox.witness.maxInFlight('all')).toBeLessThanOrEqual(10);
  });

  it('loses and duplicates no card after kill -9; at most twenty rows are unknown', async () => {
    const { sandbox, run, start, write } = await makeWorkspace({ latencyMs: 50 });
    await write('export.csv', goodCustomers(200));
    const issue = start(['issue', 'loyalty', 'export.csv']);
    await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(40));
    issue.child.kill('SIGKILL');
    await issue.ended;

    start(['up']);
    const campaign = await eventually(async () => {
      const { stdout } = await run(['status', '--json']);
      const [found] = (JSON.parse(stdout) as Status).campaigns;
      expect(found).toMatchObject({ status: 'finished', pending: 0, rows: 200, rejected: 0, failed: 0 });
      return found as { done: number; unknown: number };
    });
    expect(campaign.done + campaign.unknown).toBe(200);
    expect(campaign.unknown).toBeLessThanOrEqual(20);
    expect(sandbox.witness.doubles()).toEqual([]);
    expect(sandbox.witness.maxInFlight('all')).toBeLessThanOrEqual(10);
  });
});

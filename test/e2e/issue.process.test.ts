/** `passbridge issue` in a process that is interrupted, killed, or leaves the work to another. */

import { describe, expect, it } from 'vitest';
import { goodCustomers } from '../support/customers.ts';
import { makeWorkspace, printed } from '../support/cli.ts';
import { printedDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';

interface Status {
  campaigns: Record<string, unknown>[];
}

describe('passbridge issue', () => {
  it('continues if its output is closed, as by head', async () => {
    const { sandbox, start, write } = await makeWorkspace();
    await write('export.csv', goodCustomers(30));
    const running = start(['issue', 'loyalty', 'export.csv']);
    running.child.stdout?.destroy();
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    expect(sandbox.passes.size).toBe(30);
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

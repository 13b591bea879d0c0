/** Redeploying: one process leaves, another goes on. */

import { describe, expect, it } from 'vitest';
import { goodCustomers } from '../support/customers.ts';
import { makeDashboardService, printed } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';

describe('a process that is told to stop', () => {
  it('finishes its calls, aborts none, and hands over within a second', async () => {
    const { sandbox, run, start, write } = await makeDashboardService({ latencyMs: 100 });
    await write('export.csv', goodCustomers(400));
    const leaving = start(['up']);
    await printed(leaving, /is up/);
    await run(['issue', 'loyalty', 'export.csv', '--detach']);
    await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(50));
    const staying = start(['up']);
    await printed(staying, /is up/);
    leaving.child.kill('SIGTERM');
    const { code } = await leaving.ended;
    await eventually(() => expect(sandbox.passes.size).toBe(400), 30_000);

    expect(code).toBe(0);
    const creates = sandbox.witness.entries().filter(({ kind }) => kind === 'create');
    expect(creates).toHaveLength(400);
    const arrivals = creates.map(({ at }) => at);
    const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? at));
    expect(Math.max(...gaps)).toBeLessThan(1100);
    expect(sandbox.witness.maxInFlight('all')).toBeLessThanOrEqual(10);
    expect(sandbox.witness.doubles()).toEqual([]);
  }, 60_000);
});

/** A deployment: one process stops, another takes over. */

import { describe, expect, it } from 'vitest';
import { liveness } from '../../src/queue/names.ts';
import { goodCustomers } from '../support/customers.ts';
import { makeWorkspace, printed } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';

describe('a process that receives SIGTERM', () => {
  it('finishes its calls, aborts none, and releases its permits at once', async () => {
    const { sandbox, run, start, write } = await makeWorkspace({ latencyMs: 100 });
    await write('export.csv', goodCustomers(400));
    const leaving = start(['up']);
    await printed(leaving, /is up/);
    await run(['issue', 'loyalty', 'export.csv', '--detach']);
    await eventually(() => expect(sandbox.passes.size).toBeGreaterThan(50));
    const staying = start(['up']);
    await printed(staying, /is up/);
    leaving.child.kill('SIGTERM');
    const { code } = await leaving.ended;
    await eventually(() => expect(sandbox.passes.size).toBe(400));

    expect(code).toBe(0);
    const creates = sandbox.witness.entries().filter(({ kind }) => kind === 'create');
    expect(creates).toHaveLength(400);
    const arrivals = creates.map(({ at }) => at);
    const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? at));
    // Permits that are not released block the other process until their lease expires.
    expect(Math.max(...gaps)).toBeLessThan(liveness.lockDuration - 1000);
    expect(sandbox.witness.maxInFlight('all')).toBeLessThanOrEqual(10);
    expect(sandbox.witness.doubles()).toEqual([]);
  });
});

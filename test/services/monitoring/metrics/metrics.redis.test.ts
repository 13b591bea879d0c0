/** `/metrics` of a running passbridge, compared with the calls that the sandbox recorded. */

import { describe, expect, it } from 'vitest';
import { startBridge } from '../../../support/bridge.ts';
import { goodCustomers } from '../../../support/customers.ts';
import { eventually } from '../../../support/eventually.ts';
import { readSamples } from '../../../support/samples.ts';

async function scraped(options: Parameters<typeof startBridge>[0] = {}) {
  const bridge = await startBridge(options);
  const { programs } = bridge;
  const { url } = await bridge.passbridge.startWeb({ programs, schedules: new Map() }, () => new Map());
  const scrape = async () => readSamples(await (await fetch(`${url}/metrics`)).text());
  const shows = (check: (seen: Awaited<ReturnType<typeof scrape>>) => void) =>
    eventually(async () => {
      const seen = await scrape();
      check(seen);
      return seen;
    }, 15_000);
  return { ...bridge, url, scrape, shows };
}

describe('the metrics', () => {
  it('count calls, jobs and batches exactly as the sandbox witnessed them', async () => {
    const { run, scrape, sandbox } = await scraped({
      faults: ['create:503+0x3', 'create:422~c-7@'],
    });
    await run('issue', goodCustomers(120));
    const seen = await scrape();
    const responses = (kind: string, test: (status: number) => boolean) =>
      sandbox.witness.entries().filter((call) => call.kind === kind && test(call.status ?? 0)).length;
    const calls = (labels: Record<string, string>) => seen.sum('passbridge_calls_total', labels);

    expect(calls({ call: 'create' })).toBe(sandbox.witness.count('create'));
    expect(calls({ call: 'create', outcome: 'ok' })).toBe(responses('create', (status) => status < 300));
    expect(calls({ call: 'create', outcome: 'failed', code: 'PM_UNAVAILABLE' })).toBe(3);
    expect(calls({ call: 'create', outcome: 'rejected', code: 'PM_REFUSED' })).toBe(1);
    expect(calls({ call: 'authenticate' })).toBe(sandbox.witness.count('authenticate'));
    expect(calls({ call: 'batch', upstream: 'bloomreach' })).toBe(sandbox.witness.count('batch'));
    const timed = seen.sum('passbridge_call_duration_seconds_count', { call: 'create' });
    expect(timed).toBe(sandbox.witness.count('create'));

    expect(seen.sum('passbridge_jobs_total', { action: 'create', outcome: 'done' })).toBe(119);
    expect(seen.sum('passbridge_failures_total', { code: 'PM_REFUSED' })).toBe(1);
    expect(seen.sum('passbridge_writebacks_total', { outcome: 'accepted' })).toBe(119);
    expect(seen.sum('passbridge_writeback_batch_commands_sum')).toBe(119);
    expect(seen.sum('passbridge_rows', { state: 'done' })).toBe(119);
    expect(seen.sum('passbridge_rows', { state: 'rejected' })).toBe(1);
  });
});

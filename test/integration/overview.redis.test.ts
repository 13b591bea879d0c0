/** The overview of a running passbridge, compared with the calls that the sandbox recorded, and during failures. */

import { describe, expect, it } from 'vitest';
import { haltCampaign } from '../../src/services/campaigns/control.ts';
import { readOverview } from '../../src/services/monitoring/overview/overview.ts';
import type { Overview } from '../../src/domain/monitoring/overview.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { testAction } from '../support/make.ts';
import { eventually } from '../support/eventually.ts';

async function openOverview(options: Parameters<typeof startBridge>[0] = {}) {
  const bridge = await startBridge(options);
  const read = (aheadMs = 0) =>
    readOverview(bridge.passbridge.stores, () => systemClock() + aheadMs, {
      programs: bridge.programs,
      schedules: new Map(),
    });
  const readUntil = (check: (seen: Overview) => void, aheadMs = 0) =>
    eventually(async () => {
      const seen = await read(aheadMs);
      check(seen);
      return seen;
    });
  return { ...bridge, read, readUntil };
}

const states = ({ slots }: Overview) => [...new Set(slots.map(({ state }) => state))];
const codes = ({ alerts }: Overview) => alerts.map(({ code }) => code);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('the slots', () => {
  it('are as many as the limit and show their calls, oldest first', async () => {
    const { start, read, readUntil, waitForEnd, passbridge } = await openOverview({
      latencyMs: 600,
      jitterMs: 500,
    });
    expect(states(await read())).toEqual(['idle']);
    const startedAt = Date.now();
    const id = await start('issue', goodCustomers(60));
    const first = await readUntil((seen) => expect(states(seen)).toEqual(['busy']));
    expect(first.slots).toHaveLength(10);
    for (const slot of first.slots) {
      expect(slot).toMatchObject({ action: 'create', program: 'loyalty', campaign: id });
      expect(slot.state === 'busy' && slot.since).toBeGreaterThanOrEqual(startedAt);
    }
    expect(first.queue).toMatchObject({ waiting: 50, active: 10 });
    expect(first.queue.oldestMs).toBeGreaterThanOrEqual(0);

    const since = first.slots.flatMap((slot) => (slot.state === 'busy' ? [slot.since] : []));
    expect(since).toEqual(since.toSorted((a, b) => a - b));
    await waitForEnd(id);

    await passbridge.stores.passLimits.set({ maxInFlight: 3 });
    expect((await read()).slots).toHaveLength(3);
  });

  it('wait after a 429 and are idle when the pause is over', async () => {
    const { start, readUntil, waitForEnd } = await openOverview({ faults: ['create:429+4x1'] });
    const id = await start('issue', goodCustomers(1));
    const gated = await readUntil((seen) => expect(states(seen)).toEqual(['waiting']));
    const [slot] = gated.slots;
    expect(slot?.state === 'waiting' && slot.until - gated.at).toBeLessThanOrEqual(4000);
    await readUntil(({ upstreams: { passmachine } }) => {
      expect(passmachine).toMatchObject({ state: 'failing', lastFailure: { code: 'PM_RATE_LIMITED' } });
    });
    await waitForEnd(id);
    await readUntil((seen) => {
      expect(states(seen)).toEqual(['idle']);
      expect(seen.upstreams.passmachine.lastSuccessAt).toBeGreaterThan(gated.at);
    });
  });
});

describe('an outage of Passmachine', () => {
  it('shows in the slots, the upstream state and an alert until it ends', async () => {
    const { start, readUntil, waitForEnd, sandbox, find } = await openOverview({ latencyMs: 20 });
    sandbox.setOutage('passmachine', 'refuse');
    const startedAt = Date.now();
    const id = await start('issue', goodCustomers(40));
    const down = await readUntil((seen) => {
      expect(codes(seen)).toContain('PASSMACHINE_DOWN');
      expect(states(seen)).toContain('breaker');
    });
    expect(down.upstreams.passmachine).toMatchObject({
      state: 'down',
      lastFailure: { code: 'PM_TOKEN_UNAVAILABLE' },
    });
    expect(down.upstreams.passmachine.since).toBeGreaterThanOrEqual(startedAt);
    sandbox.setOutage('passmachine', 'off');
    await waitForEnd(id);
    expect((await find(id)).done).toBe(40);
    await readUntil((seen) => {
      expect(codes(seen)).toEqual([]);
      expect(states(seen)).toEqual(['idle']);
      expect(seen.upstreams.passmachine.state).not.toBe('down');
    });
  });
});

describe('the rates', () => {
  it('match the calls and durations that the sandbox recorded', async () => {
    const { run, readUntil, sandbox } = await openOverview({ latencyMs: 60 });
    await run('issue', goodCustomers(300));
    // After ten seconds every bucket with calls is complete.
    const { rates } = await readUntil((seen) => {
      expect(sum(seen.rates.passmachine.calls) * 10).toBeCloseTo(sandbox.witness.count('create'));
      expect(sum(seen.rates.bloomreach.calls) * 10).toBeCloseTo(sandbox.witness.count('batch'));
    }, 10_000);
    const { p50, p95, failures, calls, from, stepMs } = rates.passmachine;
    expect([p50.length, p95.length, failures.length, calls.length, stepMs]).toEqual([
      360, 360, 360, 360, 10_000,
    ]);
    expect(from % 10_000).toBe(0);
    expect(sum(failures)).toBe(0);
    const busiest = calls.indexOf(Math.max(...calls));
    const durations = sandbox.witness
      .entries()
      .flatMap(({ kind, ms }) => (kind === 'create' ? [ms ?? 0] : []));
    const median = durations.toSorted((a, b) => a - b)[150]!;
    expect(p50[busiest]).toBeGreaterThan(median * 0.8);
    // On a busy machine, an answer waits to be read.
    expect(p50[busiest]).toBeLessThan(median * 3);
    expect(p95[busiest]).toBeGreaterThanOrEqual(p50[busiest]!);
    expect(p50[busiest - 30]).toBeNull();
  });
});

describe('a campaign', () => {
  it('is shown with its progress, throughput and estimated end until an operator halts it', async () => {
    const { start, readUntil, passbridge, read } = await openOverview({ latencyMs: 100 });
    const id = await start('issue', goodCustomers(2000));
    const startedAt = Date.now();
    const running = await readUntil(({ campaigns: [campaign] }) => {
      expect(campaign?.done).toBeGreaterThan(250);
      expect(campaign?.finish).toBeDefined();
    });
    const [campaign] = running.campaigns;
    const { done = 0, perSecond = 0, finish } = campaign ?? {};
    expect(campaign).toMatchObject({ id, status: 'running', rows: 2000, byWebhook: false });
    expect(campaign?.progress).toBeCloseTo(done / 2000);
    const throughput = (done * 1000) / (running.at - startedAt);
    expect(perSecond / throughput).toBeGreaterThan(0.6);
    expect(perSecond / throughput).toBeLessThan(1.7);
    expect(finish?.max).toBeGreaterThan(((2000 - done) * 1000) / (perSecond * 1.1));
    expect(running.rates.passmachine.perSecond).toBeGreaterThan(0);

    await haltCampaign(passbridge.stores, id, 'paused', { ...testAction, by: 'Iva' });
    const paused = await read();
    expect(paused.campaigns[0]).toMatchObject({ id, status: 'paused', halt: { by: 'Iva' } });
    expect(paused.campaigns[0]).not.toHaveProperty('finish');
    // An operator paused it, so no alert is needed.
    expect(codes(paused)).toEqual([]);
  });
});

describe('the processes', () => {
  it('are listed by role and removed when they stop', async () => {
    const { read, passbridge, programs } = await openOverview();
    await passbridge.startWeb({ programs, schedules: new Map() }, () => new Map());
    const seen = await eventually(async () => {
      const found = await read();
      expect([found.workers, found.feeders, found.web].map(({ length }) => length)).toEqual([1, 1, 1]);
      return found;
    });
    expect(seen.workers).toMatchObject([{ pid: process.pid, host: expect.stringMatching(/./) }]);
    expect(seen.web[0]?.process).toBe(seen.workers[0]?.process);
    expect(seen.token).toMatchObject({ renews: true });
    expect(JSON.parse(JSON.stringify(seen))).toMatchObject({
      upstreams: { passmachine: { state: 'quiet' } },
    });
  });
});

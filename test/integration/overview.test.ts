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

async function watched(options: Parameters<typeof startBridge>[0] = {}) {
  const bridge = await startBridge(options);
  const look = (aheadMs = 0) =>
    readOverview(bridge.passbridge.stores, () => systemClock() + aheadMs, {
      programs: bridge.programs,
      schedules: new Map(),
    });
  const shows = (check: (seen: Overview) => void, aheadMs = 0) =>
    eventually(async () => {
      const seen = await look(aheadMs);
      check(seen);
      return seen;
    }, 15_000);
  return { ...bridge, look, shows };
}

const states = ({ slots }: Overview) => [...new Set(slots.map(({ state }) => state))];
const codes = ({ alerts }: Overview) => alerts.map(({ code }) => code);
const sum = (columns: readonly number[]) => columns.reduce((all, one) => all + one, 0);

describe('the slots', () => {
  it('are as many as the limit and show their calls, oldest first', async () => {
    const { begin, look, shows, over, passbridge } = await watched({ latencyMs: 600, jitterMs: 500 });
    expect(states(await look())).toEqual(['idle']);
    const id = await begin('issue', goodCustomers(60));
    const first = await shows((seen) => expect(states(seen)).toEqual(['busy']));
    expect(first.slots).toHaveLength(10);
    for (const slot of first.slots) {
      expect(slot).toMatchObject({ action: 'create', program: 'loyalty', campaign: id });
      expect(slot.state === 'busy' && first.at - slot.since).toBeLessThan(5000);
    }
    expect(first.queue).toMatchObject({ waiting: 50, active: 10 });
    expect(first.queue.oldestMs).toBeGreaterThanOrEqual(0);

    const since = first.slots.flatMap((slot) => (slot.state === 'busy' ? [slot.since] : []));
    expect(since).toEqual(since.toSorted((a, b) => a - b));
    await over(id);

    await passbridge.stores.passLimits.set({ maxInFlight: 3 });
    expect((await look()).slots).toHaveLength(3);
  });

  it('wait after a 429 and are idle when the pause is over', async () => {
    const { begin, shows, over } = await watched({ faults: ['create:429+4x1'] });
    const id = await begin('issue', goodCustomers(1));
    const gated = await shows((seen) => expect(states(seen)).toEqual(['waiting']));
    const [slot] = gated.slots;
    expect(slot?.state === 'waiting' && slot.until - gated.at).toBeLessThanOrEqual(4000);
    await shows(({ upstreams: { passmachine } }) => {
      expect(passmachine).toMatchObject({ state: 'failing', lastFailure: { code: 'PM_RATE_LIMITED' } });
    });
    await over(id);
    await shows((seen) => {
      expect(states(seen)).toEqual(['idle']);
      expect(seen.upstreams.passmachine.lastSuccessAt).toBeGreaterThan(gated.at);
    });
  });
});

describe('an outage of Passmachine', () => {
  it('shows in the slots, the upstream state and an alert until it ends', async () => {
    const { begin, shows, over, sandbox, find } = await watched({ latencyMs: 20 });
    sandbox.setOutage('passmachine', 'refuse');
    const startedAt = Date.now();
    const id = await begin('issue', goodCustomers(40));
    const down = await shows((seen) => {
      expect(codes(seen)).toContain('PASSMACHINE_DOWN');
      expect(states(seen)).toContain('breaker');
    });
    expect(down.upstreams.passmachine).toMatchObject({
      state: 'down',
      lastFailure: { code: 'PM_TOKEN_UNAVAILABLE' },
    });
    expect(down.upstreams.passmachine.since).toBeGreaterThanOrEqual(startedAt);
    sandbox.setOutage('passmachine', 'off');
    await over(id);
    expect((await find(id)).done).toBe(40);
    await shows((seen) => {
      expect(codes(seen)).toEqual([]);
      expect(states(seen)).toEqual(['idle']);
      expect(seen.upstreams.passmachine.state).not.toBe('down');
    });
  });
});

describe('the rates', () => {
  it('match the calls and durations that the sandbox recorded', async () => {
    const { run, shows, sandbox } = await watched({ latencyMs: 60 });
    await run('issue', goodCustomers(300));
    // After ten seconds every bucket with calls is complete.
    const { rates } = await shows((seen) => {
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
    const taken = sandbox.witness.entries().flatMap(({ kind, ms }) => (kind === 'create' ? [ms ?? 0] : []));
    const middle = taken.toSorted((a, b) => a - b)[150]!;
    expect(p50[busiest]).toBeGreaterThan(middle * 0.8);
    expect(p50[busiest]).toBeLessThan(middle * 1.5);
    expect(p95[busiest]).toBeGreaterThanOrEqual(p50[busiest]!);
    expect(p50[busiest - 30]).toBeNull();
  });
});

describe('a campaign', () => {
  it('is shown with its progress, throughput and estimated end until an operator halts it', async () => {
    const { begin, shows, passbridge, look } = await watched({ latencyMs: 100 });
    const id = await begin('issue', goodCustomers(2000));
    const startedAt = Date.now();
    const running = await shows(({ campaigns: [campaign] }) => {
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
    const paused = await look();
    expect(paused.campaigns[0]).toMatchObject({ id, status: 'paused', halt: { by: 'Iva' } });
    expect(paused.campaigns[0]).not.toHaveProperty('finish');
    // A person knows of it.
    expect(codes(paused)).toEqual([]);
  });
});

describe('the processes', () => {
  it('are listed by role and removed when they stop', async () => {
    const { look, passbridge, programs } = await watched();
    await passbridge.startWeb({ programs, schedules: new Map() }, () => new Map());
    const seen = await eventually(async () => {
      const found = await look();
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

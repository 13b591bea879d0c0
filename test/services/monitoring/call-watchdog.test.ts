import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startCallWatchdog } from '../../../src/services/monitoring/call-watchdog.ts';
import { makeLogger } from '../../../src/kit/logger.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A worker whose facts the test sets; at first, seven jobs wait in the limiter and no call starts. */
function setUp() {
  const facts = {
    steps: 0,
    waiting: 7,
    isRenewalFailing: false,
    isBreakerOpen: false,
    gateMs: 0,
    inFlight: 0,
    maxPerSecond: undefined as number | undefined,
    queued: 0,
  };
  const seconds: number[] = [];
  const events: string[] = [];
  const watchdog = startCallWatchdog({
    limiter: { progress: () => facts },
    stores: {
      passQueue: {
        gateMs: async () => facts.gateMs,
        depth: async () => ({ waiting: facts.queued, delayed: 5, active: 0 }),
      },
      permits: { inFlight: async () => facts.inFlight },
      passLimits: {
        effective: async () => ({ maxInFlight: { limit: 10 }, maxPerSecond: { limit: facts.maxPerSecond } }),
      },
    } as unknown as Parameters<typeof startCallWatchdog>[0]['stores'],
    isBreakerOpen: () => facts.isBreakerOpen,
    onChecked: (stalled) => seconds.push(stalled),
    clock: Date.now,
    log: makeLogger('info', {
      write: (line) => void events.push((JSON.parse(line) as { event: string }).event),
    }),
  });
  onTestFinished(async () => void (await watchdog.stop()));
  return { facts, seconds, events, watchdog };
}

const minute = () => vi.advanceTimersByTimeAsync(60_000);

describe('a worker that starts no call', () => {
  it('is stalled after 30 s if jobs wait and slots are free, until it starts one', async () => {
    const { facts, seconds, events, watchdog } = setUp();
    await vi.advanceTimersByTimeAsync(28_000);
    expect(watchdog.stalled()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(5000);
    expect(watchdog.stalled()).toMatchObject({
      text: 'no call to Passmachine has started for 30 s although 7 jobs wait and slots are free',
    });
    await minute();
    expect(seconds.at(-1)).toBe(90);
    facts.steps += 1;
    await vi.advanceTimersByTimeAsync(5000);
    expect(watchdog.stalled()).toBeUndefined();
    expect(seconds.at(-1)).toBe(0);
    expect(events).toEqual(['calls.stalled', 'calls.resumed']);
  });

  it('is stalled too if it takes no job from the queue', async () => {
    const { facts, watchdog } = setUp();
    Object.assign(facts, { waiting: 0, queued: 1 });
    await minute();
    expect(watchdog.stalled()?.text).toContain('although 1 job waits');
  });

  it('is not measured by a clock: a suspended process is not stalled', async () => {
    const { watchdog } = setUp();
    await vi.advanceTimersByTimeAsync(12_000);
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(5000);
    expect(watchdog.stalled()).toBeUndefined();
  });

  it.each([
    ['no job waits', { waiting: 0 }],
    ['Passmachine asked for a pause', { gateMs: 90_000 }],
    ['the breaker is open', { isBreakerOpen: true }],
    ['Redis refuses to renew permits', { isRenewalFailing: true }],
    ['other processes use all slots', { inFlight: 10 }],
    ['other processes use the calls per second', { maxPerSecond: 1, inFlight: 1 }],
  ])('is well if %s', async (_reason, changed) => {
    const { facts, watchdog } = setUp();
    Object.assign(facts, changed);
    await minute();
    expect(watchdog.stalled()).toBeUndefined();
  });
});

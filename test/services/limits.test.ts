import { UserError } from '../../src/kit/user-error.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { holdLimits, resetLimits, setLimits } from '../../src/services/limits.ts';
import type { Limits, LimitsByHand } from '../../src/domain/campaigns/limits.ts';
import { makeLogger } from '../../src/kit/logger.ts';
import { makeAudit } from '../../src/ledger/operators/audit.ts';
import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { openPassLimits } from '../../src/limiter/pass-limits.ts';
import { testAction } from '../support/make.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

function set(byHand: LimitsByHand, configured: Limits) {
  const limits = openPassLimits(openRedis(), testPrefix(), configured);
  const audit = makeAudit(openRedis(), makeLedgerKeys(testPrefix()));
  return { limits, audit, setting: setLimits({ passLimits: limits, audit }, byHand, configured, testAction) };
}

describe('holding the limits', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('puts them back within 30 s of their loss, says so, and ends when it is stopped', async () => {
    const lines: string[] = [];
    const log = makeLogger('info', { write: (line) => void lines.push(line) });
    let gone = true;
    let held = 0;
    const hold = async () => {
      held += 1;
      const was = gone;
      gone = false;
      return was;
    };
    const part = await holdLimits({ hold }, log);
    await vi.advanceTimersByTimeAsync(30_000);
    expect([held, lines.length]).toEqual([2, 0]);
    gone = true;
    await vi.advanceTimersByTimeAsync(30_000);
    expect([gone, lines.length]).toEqual([false, 1]);
    expect(lines[0]).toContain('limits.gone');
    await part.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(held).toBe(3);
  });
});

describe('setting limits by hand', () => {
  it('takes any up to the configured ones, and any rate where none is configured', async () => {
    const { limits, audit, setting } = set({ maxInFlight: 9, maxPerSecond: 5000 }, { maxInFlight: 10 });
    await setting;
    expect(await limits.inForce()).toMatchObject({
      maxInFlight: { limit: 9, byHand: true },
      maxPerSecond: { limit: 5000, byHand: true },
    });
    await resetLimits({ passLimits: limits, audit }, { maxInFlight: 10 }, testAction);
    expect((await audit.page({ limit: 10 })).entries).toMatchObject([
      {
        act: 'limits.reset',
        before: { inFlight: 9, perSecond: 5000 },
        after: { inFlight: 10, perSecond: null },
      },
      {
        act: 'limits.set',
        before: { inFlight: 10, perSecond: null },
        after: { inFlight: 9, perSecond: 5000 },
      },
    ]);
  });

  it('names every limit that cannot be, and sets none', async () => {
    const { limits, audit, setting } = set(
      { maxInFlight: 11, maxPerSecond: 0 },
      { maxInFlight: 10, maxPerSecond: 50 },
    );
    await expect(setting).rejects.toThrow(UserError);
    await expect(setting).rejects.toThrow(
      /11 in flight .+ PASSMACHINE_MAX_IN_FLIGHT, here 10\.\n0 per second .+ PASSMACHINE_MAX_PER_SECOND, here 50/,
    );
    expect(await limits.inForce()).toMatchObject({ maxInFlight: { byHand: false } });
    expect((await audit.page({ limit: 1 })).entries).toEqual([]);
  });
});

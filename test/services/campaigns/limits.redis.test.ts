import { UserError } from '../../../src/kit/user-error.ts';
import { describe, expect, it } from 'vitest';
import { resetLimits, setLimits } from '../../../src/services/campaigns/limits.ts';
import type { Limits, LimitOverrides } from '../../../src/domain/campaigns/limits.ts';
import { makeAudit } from '../../../src/ledger/operators/audit.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { openPassLimits } from '../../../src/limiter/pass-limits.ts';
import { testAction } from '../../support/make.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

function set(overrides: LimitOverrides, configured: Limits) {
  const limits = openPassLimits(openRedis(), testPrefix(), configured);
  const audit = makeAudit(openRedis(), makeLedgerKeys(testPrefix()));
  return {
    limits,
    audit,
    setting: setLimits({ passLimits: limits, audit }, overrides, configured, testAction),
  };
}

describe('overriding the limits', () => {
  it('accepts values up to the configured ones, and any rate if none is configured', async () => {
    const { limits, audit, setting } = set({ maxInFlight: 9, maxPerSecond: 5000 }, { maxInFlight: 10 });
    await setting;
    expect(await limits.effective()).toMatchObject({
      maxInFlight: { limit: 9, overridden: true },
      maxPerSecond: { limit: 5000, overridden: true },
    });
    await resetLimits({ passLimits: limits, audit }, { maxInFlight: 10 }, testAction);
    expect((await audit.page({ limit: 10 })).entries).toMatchObject([
      {
        action: 'limits.reset',
        before: { inFlight: 9, perSecond: 5000 },
        after: { inFlight: 10, perSecond: null },
      },
      {
        action: 'limits.set',
        before: { inFlight: 10, perSecond: null },
        after: { inFlight: 9, perSecond: 5000 },
      },
    ]);
  });

  it('reports every value out of range, and sets none', async () => {
    const { limits, audit, setting } = set(
      { maxInFlight: 11, maxPerSecond: 0 },
      { maxInFlight: 10, maxPerSecond: 50 },
    );
    await expect(setting).rejects.toThrow(UserError);
    await expect(setting).rejects.toThrow(
      /11 in flight .+ PASSMACHINE_MAX_IN_FLIGHT, which is 10\.\n.+ 0 per second .+ PASSMACHINE_MAX_PER_SECOND, which is 50/,
    );
    expect(await limits.effective()).toMatchObject({ maxInFlight: { overridden: false } });
    expect((await audit.page({ limit: 1 })).entries).toEqual([]);
  });
});

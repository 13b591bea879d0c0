/** Permits in a real Redis, for processes that start, change their demand and die: the cap is never exceeded or left unused. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeLimiterKeys } from '../../src/limiter/limiter-keys.ts';
import { eventually } from '../support/eventually.ts';
import { makeMemberOf } from '../support/permit-members.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

const MAX_IN_FLIGHT = 10;

function setUp() {
  const [redis, prefix] = [openRedis(), testPrefix()];
  return { redis, keys: makeLimiterKeys(prefix), member: makeMemberOf(redis, prefix, MAX_IN_FLIGHT) };
}

describe('permits', () => {
  it('all go to a single process, and are shared equally among several', async () => {
    const { member } = setUp();
    const [a, b] = [member(), member()];
    await a.renew(20);
    expect(a.held()).toBe(MAX_IN_FLIGHT);
    await b.renew(20);
    expect(b.held()).toBe(0);
    expect(b.due()).toBe(5);
    // It learns of the other process, then releases.
    await a.renew(20);
    await a.renew(20);
    await b.renew(20);
    expect([a.held(), b.held()]).toEqual([5, 5]);
  });

  it('that one process does not need go to another', async () => {
    const { member } = setUp();
    const [a, b] = [member(), member()];
    await b.renew(2);
    await a.renew(20);
    expect([a.held(), b.held()]).toEqual([8, 2]);
  });

  it('of a dead process stay taken until its lease expires', async () => {
    const { redis, keys, member } = setUp();
    const [dead, heir] = [member(), member()];
    await dead.renew(20);
    for (let time = 0; time < 3; time += 1) await heir.renew(20);
    expect(heir.held()).toBe(0);
    expect(await redis.pttl(keys.permits)).toBeGreaterThan(10_000);
    await redis.hset(keys.permits, dead.name, '10 10 10 1');
    await heir.renew(20);
    expect(heir.held()).toBe(MAX_IN_FLIGHT);
  });

  it('follow a limit set by hand, and rotate if there are fewer than processes', async () => {
    const { redis, keys, member } = setUp();
    await redis.hset(keys.limits, 'maxInFlight', 1);
    const members = [member(), member(), member()];
    const served = new Set<string>();
    let mostHeld = 0;
    await eventually(async () => {
      for (const one of members) {
        await one.renew(5);
        if (one.held() > 0) served.add(one.name);
      }
      mostHeld = Math.max(
        mostHeld,
        members.reduce((sum, one) => sum + one.held(), 0),
      );
      expect(served.size).toBe(3);
    });
    expect(mostHeld).toBe(1);
  });

  it('show the calls in flight in all processes', async () => {
    const { member } = setUp();
    const [a, b] = [member(), member()];
    await a.renew(3);
    await b.renew(2);
    a.addCalls(3);
    b.addCalls(1);
    await a.renew(3);
    await b.renew(2);
    expect(await a.inFlightOfAll()).toBe(4);
    b.addCalls(-1);
    await b.release();
    expect(await a.inFlightOfAll()).toBe(3);
  });

  it('come with rate tokens under a per-second limit, which is never exceeded', async () => {
    const [redis, prefix] = [openRedis(), testPrefix()];
    const keys = makeLimiterKeys(prefix);
    const member = makeMemberOf(redis, prefix, MAX_IN_FLIGHT, 7);
    const [a, b] = [member(), member()];
    let granted = 0;
    const renew = async (one: typeof a) => {
      await one.renew(20, 20);
      granted += one.rateTokens() ?? Infinity;
    };
    await renew(a);
    for (let time = 0; time < 5; time += 1) await Promise.all([renew(a), renew(b)]);
    expect(granted).toBe(7);
    const secondEndsIn = await redis.pttl(keys.rateTokens);
    expect(secondEndsIn).toBeGreaterThan(500);
    await eventually(async () => expect(await redis.exists(keys.rateTokens)).toBe(0));
    granted = 0;
    await redis.hset(keys.limits, 'maxPerSecond', 2);
    for (let time = 0; time < 3; time += 1) await Promise.all([renew(a), renew(b)]);
    expect(granted).toBe(2);
    // A process that needs no tokens gets none.
    await a.renew(20, 0);
    expect(a.rateTokens()).toBe(0);
  });

  it('come without rate tokens if there is no per-second limit', async () => {
    const { member } = setUp();
    const one = member();
    await one.renew(20, 20);
    expect(one.rateTokens()).toBeUndefined();
  });

  it('never exceed the cap in any order of renewals, and are all used if all processes want many', async () => {
    const step = fc.record({ nth: fc.nat(3), wanted: fc.nat(25), starts: fc.nat(10), ends: fc.nat(10) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { member } = setUp();
        const members = [member(), member(), member(), member()] as const;
        const inFlight = () => members.reduce((sum, one) => sum + one.inFlight(), 0);
        for (const { nth, wanted, starts, ends } of steps) {
          const one = members[nth as 0 | 1 | 2 | 3];
          one.addCalls(-Math.min(ends, one.inFlight()));
          one.addCalls(Math.max(0, Math.min(starts, one.held() - one.inFlight())));
          expect(inFlight()).toBeLessThanOrEqual(MAX_IN_FLIGHT);
          await one.renew(Math.max(wanted, one.inFlight()));
        }
        for (let call = 0; call < 4; call += 1) {
          for (const one of members) {
            one.addCalls(-Math.max(0, one.inFlight() - one.held()));
            await one.renew(25);
          }
        }
        expect(members.reduce((sum, one) => sum + one.held(), 0)).toBeGreaterThanOrEqual(MAX_IN_FLIGHT - 1);
      }),
      { numRuns: 30 },
    );
  });
});

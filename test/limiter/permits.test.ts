/** The cap, shared by processes that come, want more or less, and die: never exceeded, never left unused. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { makeMemberOf } from '../support/permit-members.ts';
import { openRedis, testPrefix } from '../support/redis.ts';

const MOST = 10;

function setUp() {
  const [redis, prefix] = [openRedis(), testPrefix()];
  return { redis, prefix, member: makeMemberOf(redis, prefix, MOST) };
}

describe('permits', () => {
  it('are all for the only one who wants them, and shared equally among more', async () => {
    const { member } = setUp();
    const [a, b] = [member(), member()];
    await a.renew(20);
    expect(a.allowed()).toBe(MOST);
    await b.renew(20);
    expect(b.allowed()).toBe(0);
    expect(b.due()).toBe(5);
    // It hears of the other, then lets go.
    await a.renew(20);
    await a.renew(20);
    await b.renew(20);
    expect([a.allowed(), b.allowed()]).toEqual([5, 5]);
  });

  it('go to whoever has use for them where another has not', async () => {
    const { member } = setUp();
    const [a, b] = [member(), member()];
    await b.renew(2);
    await a.renew(20);
    expect([a.allowed(), b.allowed()]).toEqual([8, 2]);
  });

  it('of one who died stay taken until the lease is over', async () => {
    const { redis, prefix, member } = setUp();
    const [dead, heir] = [member(), member()];
    await dead.renew(20);
    for (let time = 0; time < 3; time += 1) await heir.renew(20);
    expect(heir.allowed()).toBe(0);
    expect(await redis.pttl(`${prefix}:permits`)).toBeGreaterThan(10_000);
    await redis.hset(`${prefix}:permits`, dead.name, '10 10 10 1');
    await heir.renew(20);
    expect(heir.allowed()).toBe(MOST);
  });

  it('are as few as somebody has set by hand, and go round where there are fewer than processes', async () => {
    const { redis, prefix, member } = setUp();
    await redis.hset(`${prefix}:limits`, 'maxInFlight', 1);
    const members = [member(), member(), member()];
    const served = new Set<string>();
    const until = Date.now() + 15_000;
    while (served.size < 3 && Date.now() < until) {
      for (const one of members) {
        await one.renew(5);
        if (one.allowed() > 0) served.add(one.name);
      }
      expect(members.reduce((sum, one) => sum + one.allowed(), 0)).toBeLessThanOrEqual(1);
    }
    expect(served.size).toBe(3);
  });

  it('are told of: how many calls are under way in all', async () => {
    const { member } = setUp();
    const [a, b] = [member(), member()];
    await a.renew(3);
    await b.renew(2);
    a.begin(3);
    b.begin(1);
    await a.renew(3);
    await b.renew(2);
    expect(await a.busy()).toBe(4);
    b.begin(-1);
    await b.giveBack();
    expect(await a.busy()).toBe(3);
  });

  it('come with starts where calls per second are limited: never more in a second, whoever asks', async () => {
    const [redis, prefix] = [openRedis(), testPrefix()];
    const member = makeMemberOf(redis, prefix, MOST, 7);
    const [a, b] = [member(), member()];
    let given = 0;
    const ask = async (one: typeof a) => {
      await one.renew(20, 20);
      given += one.starts() ?? Infinity;
    };
    await ask(a);
    for (let time = 0; time < 5; time += 1) await Promise.all([ask(a), ask(b)]);
    expect(given).toBe(7);
    const secondLasts = await redis.pttl(`${prefix}:starts`);
    expect(secondLasts).toBeGreaterThan(500);
    await eventually(async () => expect(await redis.exists(`${prefix}:starts`)).toBe(0));
    given = 0;
    await redis.hset(`${prefix}:limits`, 'maxPerSecond', 2);
    for (let time = 0; time < 3; time += 1) await Promise.all([ask(a), ask(b)]);
    expect(given).toBe(2);
    // Who has use for none gets none.
    await a.renew(20, 0);
    expect(a.starts()).toBe(0);
  });

  it('come without where they are not', async () => {
    const { member } = setUp();
    const one = member();
    await one.renew(20, 20);
    expect(one.starts()).toBeUndefined();
  });

  it('never allow more than the cap, whoever asks when, and serve all that can be served', async () => {
    const step = fc.record({ who: fc.nat(3), wanted: fc.nat(25), begins: fc.nat(10), ends: fc.nat(10) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { member } = setUp();
        const members = [member(), member(), member(), member()] as const;
        const underWay = () => members.reduce((sum, one) => sum + one.underWay(), 0);
        for (const { who, wanted, begins, ends } of steps) {
          const one = members[who as 0 | 1 | 2 | 3];
          one.begin(-Math.min(ends, one.underWay()));
          one.begin(Math.max(0, Math.min(begins, one.allowed() - one.underWay())));
          expect(underWay()).toBeLessThanOrEqual(MOST);
          await one.renew(Math.max(wanted, one.underWay()));
        }
        // Once all want many, all are used.
        for (let round = 0; round < 4; round += 1) {
          for (const one of members) {
            one.begin(-Math.max(0, one.underWay() - one.allowed()));
            await one.renew(25);
          }
        }
        expect(members.reduce((sum, one) => sum + one.allowed(), 0)).toBeGreaterThanOrEqual(MOST - 1);
      }),
      { numRuns: 30 },
    );
  });
});

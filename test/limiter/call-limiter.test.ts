/** Who goes next, without Redis: the clock and the permits are the test's. */

import { describe, expect, it } from 'vitest';
import type { Slot } from '../../src/domain/jobs/slot.ts';
import { makeCallLimiter } from '../../src/limiter/call-limiter.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp() {
  let now = 1000;
  let wanting = 0;
  const limiter = makeCallLimiter(
    () => now,
    () => (wanting += 1),
  );
  const approached: string[] = [];
  const begun: string[] = [];
  const turnedAway: string[] = [];
  const turns = new Map<string, Slot>();
  /** A job that gets ready in `readyMs`, and then waits to begin. */
  const join = (name: string, priority = 10) => {
    void limiter.acquire(priority).then(async (slot) => {
      if (slot === undefined) return turnedAway.push(name);
      approached.push(name);
      turns.set(name, slot);
      return (await slot.start()) ? begun.push(name) : turnedAway.push(name);
    });
  };
  return {
    limiter,
    join,
    approached,
    begun,
    turnedAway,
    wanting: () => wanting,
    pass: (ms: number) => (now += ms),
    end: async (name: string) => {
      turns.get(name)?.release();
      await settled();
    },
  };
}

const names = (count: number) => Array.from({ length: count }, (_, nth) => `j${nth + 1}`);

describe('the turnstile', () => {
  it('lets as many begin as are allowed, and one more get ready', async () => {
    const { limiter, join, approached, begun, end } = setUp();
    names(6).forEach((name) => join(name));
    await settled();
    expect(approached).toEqual([]);
    limiter.allow(3, Infinity);
    await settled();
    expect(begun).toEqual(['j1', 'j2', 'j3']);
    expect(approached).toEqual(['j1', 'j2', 'j3', 'j4']);
    await end('j2');
    expect(begun).toEqual(['j1', 'j2', 'j3', 'j4']);
    expect(approached).toHaveLength(5);
  });

  it('puts the more urgent in front of those that have not begun to get ready', async () => {
    const { limiter, join, begun, end } = setUp();
    limiter.allow(1, Infinity);
    names(4).forEach((name) => join(name));
    await settled();
    join('urgent', 1);
    join('less', 5);
    for (const name of ['j1', 'j2', 'urgent', 'less', 'j3', 'j4']) {
      expect(begun.at(-1)).toBe(name);
      await end(name);
    }
  });

  it('counts a turn that is over once, whether its call was made or not', async () => {
    const { limiter, join, end } = setUp();
    limiter.allow(2, Infinity);
    names(2).forEach((name) => join(name));
    const skipped = await limiter.acquire(10);
    await settled();
    expect(limiter.demand()).toMatchObject({ busy: 2, wanted: 3 });
    skipped?.release();
    skipped?.release();
    await end('j1');
    await end('j1');
    expect(limiter.demand()).toMatchObject({ busy: 1, wanted: 1 });
  });

  it('gets more ready ahead where that takes long beside the calls', async () => {
    const { limiter, join, approached, pass } = setUp();
    limiter.allow(10, Infinity);
    const slot = await limiter.acquire(10);
    pass(20);
    await slot?.start();
    pass(20);
    slot?.release();
    names(30).forEach((name) => join(name));
    await settled();
    expect(approached).toHaveLength(20);
  });

  it('lets none begin once the lease is nearly over, and goes on when it is prolonged', async () => {
    const { limiter, join, begun, pass, end } = setUp();
    limiter.allow(1, 1500);
    names(2).forEach((name) => join(name));
    await settled();
    pass(501);
    await end('j1');
    expect(begun).toEqual(['j1']);
    limiter.allow(1, 3000);
    await settled();
    expect(begun).toEqual(['j1', 'j2']);
  });

  it('lets so many begin in a second, and gets no others ready meanwhile', async () => {
    const { limiter, join, approached, begun, pass, wanting, end } = setUp();
    limiter.start(2, 2000);
    limiter.allow(10, Infinity);
    names(5).forEach((name) => join(name));
    await settled();
    await end('j1');
    expect([begun, approached]).toEqual([
      ['j1', 'j2'],
      ['j1', 'j2'],
    ]);
    expect(limiter.demand()).toEqual({ busy: 1, wanted: 4, begins: 3 });
    expect(wanting()).toBeGreaterThan(0);
    limiter.start(1, 2000);
    await settled();
    expect(begun).toEqual(['j1', 'j2', 'j3']);
    // What was not used until then is gone.
    await end('j2');
    await end('j3');
    limiter.start(3, 2000);
    await settled();
    pass(1001);
    join('late');
    await settled();
    expect(begun).toHaveLength(5);
    limiter.start(Infinity, Infinity);
    await settled();
    expect(begun).toHaveLength(6);
  });

  it('says when more could be under way, and sends all away that have not begun when it closes', async () => {
    const { limiter, join, begun, turnedAway, wanting } = setUp();
    join('j1');
    expect(wanting()).toBe(1);
    limiter.allow(1, Infinity);
    names(4)
      .slice(1)
      .forEach((name) => join(name));
    await settled();
    limiter.close();
    join('late');
    await settled();
    expect(begun).toEqual(['j1']);
    expect(turnedAway.toSorted()).toEqual(['j2', 'j3', 'j4', 'late']);
  });
});

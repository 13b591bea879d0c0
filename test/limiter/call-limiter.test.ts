/** Who goes next, without Redis: the clock and the permits are the test's. */

import { describe, expect, it } from 'vitest';
import type { Turn } from '../../src/domain/jobs/slot.ts';
import { makeTurnstile } from '../../src/limiter/call-limiter.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp() {
  let now = 1000;
  let wanting = 0;
  const turnstile = makeTurnstile(
    () => now,
    () => (wanting += 1),
  );
  const approached: string[] = [];
  const begun: string[] = [];
  const turnedAway: string[] = [];
  const turns = new Map<string, Turn>();
  /** A job that gets ready in `readyMs`, and then waits to begin. */
  const join = (name: string, priority = 10) => {
    void turnstile.lineUp(priority).then(async (turn) => {
      if (turn === undefined) return turnedAway.push(name);
      approached.push(name);
      turns.set(name, turn);
      return (await turn.come()) ? begun.push(name) : turnedAway.push(name);
    });
  };
  return {
    turnstile,
    join,
    approached,
    begun,
    turnedAway,
    wanting: () => wanting,
    pass: (ms: number) => (now += ms),
    end: async (name: string) => {
      turns.get(name)?.over();
      await settled();
    },
  };
}

const names = (count: number) => Array.from({ length: count }, (_, nth) => `j${nth + 1}`);

describe('the turnstile', () => {
  it('lets as many begin as are allowed, and one more get ready', async () => {
    const { turnstile, join, approached, begun, end } = setUp();
    names(6).forEach((name) => join(name));
    await settled();
    expect(approached).toEqual([]);
    turnstile.allow(3, Infinity);
    await settled();
    expect(begun).toEqual(['j1', 'j2', 'j3']);
    expect(approached).toEqual(['j1', 'j2', 'j3', 'j4']);
    await end('j2');
    expect(begun).toEqual(['j1', 'j2', 'j3', 'j4']);
    expect(approached).toHaveLength(5);
  });

  it('puts the more urgent in front of those that have not begun to get ready', async () => {
    const { turnstile, join, begun, end } = setUp();
    turnstile.allow(1, Infinity);
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
    const { turnstile, join, end } = setUp();
    turnstile.allow(2, Infinity);
    names(2).forEach((name) => join(name));
    const skipped = await turnstile.lineUp(10);
    await settled();
    expect(turnstile.demand()).toMatchObject({ busy: 2, wanted: 3 });
    skipped?.over();
    skipped?.over();
    await end('j1');
    await end('j1');
    expect(turnstile.demand()).toMatchObject({ busy: 1, wanted: 1 });
  });

  it('gets more ready ahead where that takes long beside the calls', async () => {
    const { turnstile, join, approached, pass } = setUp();
    turnstile.allow(10, Infinity);
    const turn = await turnstile.lineUp(10);
    pass(20);
    await turn?.come();
    pass(20);
    turn?.over();
    names(30).forEach((name) => join(name));
    await settled();
    expect(approached).toHaveLength(20);
  });

  it('lets none begin once the lease is nearly over, and goes on when it is prolonged', async () => {
    const { turnstile, join, begun, pass, end } = setUp();
    turnstile.allow(1, 1500);
    names(2).forEach((name) => join(name));
    await settled();
    pass(501);
    await end('j1');
    expect(begun).toEqual(['j1']);
    turnstile.allow(1, 3000);
    await settled();
    expect(begun).toEqual(['j1', 'j2']);
  });

  it('lets so many begin in a second, and gets no others ready meanwhile', async () => {
    const { turnstile, join, approached, begun, pass, wanting, end } = setUp();
    turnstile.start(2, 2000);
    turnstile.allow(10, Infinity);
    names(5).forEach((name) => join(name));
    await settled();
    await end('j1');
    expect([begun, approached]).toEqual([
      ['j1', 'j2'],
      ['j1', 'j2'],
    ]);
    expect(turnstile.demand()).toEqual({ busy: 1, wanted: 4, begins: 3 });
    expect(wanting()).toBeGreaterThan(0);
    turnstile.start(1, 2000);
    await settled();
    expect(begun).toEqual(['j1', 'j2', 'j3']);
    // What was not used until then is gone.
    await end('j2');
    await end('j3');
    turnstile.start(3, 2000);
    await settled();
    pass(1001);
    join('late');
    await settled();
    expect(begun).toHaveLength(5);
    turnstile.start(Infinity, Infinity);
    await settled();
    expect(begun).toHaveLength(6);
  });

  it('says when more could be under way, and sends all away that have not begun when it closes', async () => {
    const { turnstile, join, begun, turnedAway, wanting } = setUp();
    join('j1');
    expect(wanting()).toBe(1);
    turnstile.allow(1, Infinity);
    names(4)
      .slice(1)
      .forEach((name) => join(name));
    await settled();
    turnstile.close();
    join('late');
    await settled();
    expect(begun).toEqual(['j1']);
    expect(turnedAway.toSorted()).toEqual(['j2', 'j3', 'j4', 'late']);
  });
});

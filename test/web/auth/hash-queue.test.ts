import { describe, expect, it } from 'vitest';
import { makeHashQueue } from '../../../src/web/auth/hash-queue.ts';

/** Adds checks that end when the test lets them. */
function setUp() {
  const queue = makeHashQueue();
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const add = (group: string, isKnown = false) =>
    queue.add({ group, isKnown }, async () => {
      started.push(group);
      await new Promise<void>((resolve) => ends.push(resolve));
      return group;
    });
  const finish = async () => {
    ends.shift()?.();
    for (let step = 0; step < 10; step += 1) await Promise.resolve();
  };
  return { add, started, finish };
}

describe('the queue of password checks', () => {
  it('runs one at a time, and lets addresses take turns', async () => {
    const { add, started, finish } = setUp();
    for (const group of ['a', 'a', 'a', 'b', 'c']) void add(group);
    for (let n = 0; n < 5; n += 1) {
      expect(started).toHaveLength(n + 1);
      await finish();
    }
    expect(started).toEqual(['a', 'b', 'a', 'c', 'a']);
  });

  it('refuses more than three waiting checks of an address at once', () => {
    const { add } = setUp();
    const added = Array.from({ length: 150 }, () => add('a'));
    expect(added.filter((one) => one !== undefined)).toHaveLength(4);
  });

  it('has a bounded length, and a place for who has signed in before, who goes first', async () => {
    const { add, started, finish } = setUp();
    const added = Array.from({ length: 150 }, (_, n) => add(`guesser ${n}`));
    expect(added.filter((one) => one !== undefined)).toHaveLength(17);
    expect(add('operator', true)).toBeDefined();
    await finish();
    expect(started).toEqual(['guesser 0', 'operator']);
  });

  it('continues after a check that fails', async () => {
    const queue = makeHashQueue();
    const from = { group: 'a', isKnown: false };
    const failed = queue.add(from, () => Promise.reject(new Error('no memory')));
    await expect(failed).rejects.toThrow('no memory');
    await expect(queue.add(from, async () => 'done')).resolves.toBe('done');
  });
});

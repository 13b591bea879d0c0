import { describe, expect, it } from 'vitest';
import { makeLru } from '../../src/kit/lru.ts';

describe('an LRU cache', () => {
  it('evicts the entry that was not used for longest', () => {
    const evicted: [string, number][] = [];
    const cache = makeLru<string, number>(2, (key, value) => evicted.push([key, value]));
    cache.set('a', 1);
    cache.set('b', 2);
    expect(cache.get('a')).toBe(1);
    cache.set('c', 3);
    expect(evicted).toEqual([['b', 2]]);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
  });

  it('replaces a value without evicting another', () => {
    const cache = makeLru<string, number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.set('a', 3);
    expect(cache.size).toBe(2);
    expect([cache.get('a'), cache.get('b')]).toEqual([3, 2]);
  });

  it('forgets a deleted entry', () => {
    const cache = makeLru<string, number>(2);
    cache.set('a', 1);
    cache.delete('a');
    expect(cache.get('a')).toBeUndefined();
    expect(cache.size).toBe(0);
  });
});

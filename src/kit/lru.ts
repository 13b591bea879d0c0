/** A bounded cache that evicts the least recently used entry. */

export interface Lru<K, V> {
  /** Returns the value and marks it as used. */
  get(key: K): V | undefined;
  /** Adds or replaces a value. Evicts the least recently used entry if the cache is full. */
  set(key: K, value: V): void;
  delete(key: K): void;
  readonly size: number;
}

/** Makes a cache of at most `max` entries; `onEvict` is called for each entry that makes room for another. */
export function makeLru<K, V>(max: number, onEvict?: (key: K, value: V) => void): Lru<K, V> {
  // A Map iterates in the order of insertion, so the first entry is the least recently used one.
  const entries = new Map<K, V>();
  return {
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set(key, value) {
      entries.delete(key);
      const oldest = entries.size >= max ? entries.entries().next().value : undefined;
      if (oldest !== undefined) {
        entries.delete(oldest[0]);
        onEvict?.(...oldest);
      }
      entries.set(key, value);
    },
    delete: (key) => void entries.delete(key),
    get size() {
      return entries.size;
    },
  };
}

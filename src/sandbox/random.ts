/** Chance that can be repeated: the same seed gives the same faults and the same jitter. */

/** Numbers in [0, 1). */
export type Random = () => number;

/** Mulberry32: small, fast, good enough to throw dice with. */
export function makeRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

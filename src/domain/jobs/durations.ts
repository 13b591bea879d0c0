/** Durations in bins that grow with them, so that a few small counts tell any quantile within 10 %. */

/** Bins to a doubling: each is 19 % wider than the one before. */
const BINS_PER_DOUBLING = 4;

/** The bin of a duration in ms; what takes less than 1 ms is in the first, 0. */
export function binOf(ms: number): number {
  return ms < 1 ? 0 : Math.floor(Math.log2(ms) * BINS_PER_DOUBLING);
}

/** The duration (ms) that this share of the counted ones does not exceed; undefined where there is none. */
export function quantileOf(bins: Readonly<Record<number, number>>, share: number): number | undefined {
  const counted = Object.entries(bins).map(([bin, count]) => ({ bin: Number(bin), count }));
  const total = counted.reduce((sum, { count }) => sum + count, 0);
  let left = Math.max(Math.ceil(total * share), 1);
  for (const { bin, count } of counted.toSorted((a, b) => a.bin - b.bin)) {
    left -= count;
    if (left <= 0) return middleOf(bin);
  }
  return undefined;
}

/** By proportion: as far above the least of its bin as below the next. */
function middleOf(bin: number): number {
  return 2 ** ((bin + 0.5) / BINS_PER_DOUBLING);
}

/** A histogram of durations in exponential bins: few counts, and every quantile is within 10 %. */

/** Bins per doubling: each bin is 19 % wider than the one before. */
const BINS_PER_DOUBLING = 4;

/** Returns the bin of a duration in ms; durations below 1 ms fall into bin 0. */
export function binOf(ms: number): number {
  return ms < 1 ? 0 : Math.floor(Math.log2(ms) * BINS_PER_DOUBLING);
}

/** Returns the quantile in ms, e.g. share 0.95 for p95; undefined for an empty histogram. */
export function quantileOf(bins: Readonly<Record<number, number>>, share: number): number | undefined {
  const counts = Object.entries(bins).map(([bin, count]) => ({ bin: Number(bin), count }));
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  let remaining = Math.max(Math.ceil(total * share), 1);
  for (const { bin, count } of counts.toSorted((a, b) => a.bin - b.bin)) {
    remaining -= count;
    if (remaining <= 0) return geometricMiddleOf(bin);
  }
  return undefined;
}

/** Returns the mean in ms; undefined for fewer than `atLeast` durations. */
export function meanOf(bins: Readonly<Record<number, number>>, atLeast = 1): number | undefined {
  const counts = Object.entries(bins);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (total < Math.max(atLeast, 1)) return undefined;
  return counts.reduce((sum, [bin, count]) => sum + geometricMiddleOf(Number(bin)) * count, 0) / total;
}

function geometricMiddleOf(bin: number): number {
  return 2 ** ((bin + 0.5) / BINS_PER_DOUBLING);
}

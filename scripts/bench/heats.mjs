/** How much is run at each latency: what the latency allows in a few seconds, and no more than a processor can. */

/** At most so many calls are under way at once: Passmachine's limit. */
export const SLOTS = 10;

const SECONDS = 4;
/** Calls a second at latencies that limit nobody. */
const BUSY = 3000;

/** Calls a second that the latency, in milliseconds, allows. */
export function physicalLimit(latencyMs) {
  return latencyMs === 0 ? Infinity : (SLOTS * 1000) / latencyMs;
}

/** What one run at this latency consists of; a `share` below 1 makes it shorter. Whole batches of write-backs. */
export function heatOf(latencyMs, share = 1) {
  const calls = toBatches(SECONDS * Math.min(physicalLimit(latencyMs), BUSY) * share);
  return { latencyMs, warmUp: toBatches(calls / 2), calls };
}

function toBatches(count) {
  return Math.max(1, Math.round(count / 50)) * 50;
}

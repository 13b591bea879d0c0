/** How much one run of the race does at each latency: about 4 s of what the latency or the processor allows. */

/**
 * @typedef {object} Workload
 * @property {number} latencyMs Latency of every response of the stand-in server.
 * @property {number} warmUp Calls before the clock starts.
 * @property {number} calls Calls that are measured.
 */

/** Maximum calls in flight: Passmachine's limit. */
export const SLOTS = 10;

const SECONDS = 4;
/** Calls per second at latencies where the processor is the limit. */
const CPU_BOUND_RATE = 3000;

/** Returns the calls per second that the slots allow at this latency. */
export function physicalLimit(latencyMs) {
  return latencyMs === 0 ? Infinity : (SLOTS * 1000) / latencyMs;
}

/**
 * Returns the workload of one run at this latency, in whole write-back batches. A `share` below 1 shortens it.
 * @returns {Workload}
 */
export function workloadOf(latencyMs, share = 1) {
  const calls = toBatches(SECONDS * Math.min(physicalLimit(latencyMs), CPU_BOUND_RATE) * share);
  return { latencyMs, warmUp: toBatches(calls / 2), calls };
}

function toBatches(count) {
  return Math.max(1, Math.round(count / 50)) * 50;
}

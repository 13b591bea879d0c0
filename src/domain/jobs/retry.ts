/** Retry delays. Pure arithmetic: randomness is an argument. */

/** Maximum share of a delay that jitter removes, so that retries do not arrive in step. */
const JITTER = 0.2;

/** Returns a delay between 80 % and 100 % of `ms`. `random` is in [0, 1). */
export function jittered(ms: number, random: number): number {
  return Math.round(ms * (1 - JITTER * random));
}

/**
 * Returns the delay in ms before the next attempt, or undefined if no attempt is left.
 * `attempt` is the one that just failed, starting at 1; `delaysMs[0]` follows the first.
 * The delay is never shorter than `retryAfterMs`, the upstream's `Retry-After`.
 */
export function retryDelay(
  attempt: number,
  delaysMs: readonly number[],
  random: number,
  retryAfterMs = 0,
): number | undefined {
  const delay = delaysMs[attempt - 1];
  return delay === undefined ? undefined : Math.max(jittered(delay, random), retryAfterMs);
}

/** When to try again. Pure arithmetic: clock and randomness are arguments. */

/** Up to this share of a pause is taken off at random, so that retries do not come back in step. */
const JITTER = 0.2;

/** A pause with jitter: between 80 % and 100 % of `ms`. `random` is in [0, 1). */
export function jittered(ms: number, random: number): number {
  return Math.round(ms * (1 - JITTER * random));
}

/**
 * The pause before the next attempt, or undefined when there is none left.
 * `attempt` is the one that just failed (1 = the first); `ladderMs[0]` follows the first.
 * What the other side asked for (`Retry-After`) is never undercut.
 */
export function retryDelay(
  attempt: number,
  ladderMs: readonly number[],
  random: number,
  retryAfterMs = 0,
): number | undefined {
  const pause = ladderMs[attempt - 1];
  return pause === undefined ? undefined : Math.max(jittered(pause, random), retryAfterMs);
}

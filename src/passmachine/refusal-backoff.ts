/**
 * Pauses calls while Passmachine refuses the token. Every job would be refused alike, so after a refusal the token is
 * blocked for a growing time, then given to a single call: if that is served, all others continue.
 */

import type { Failure } from '../domain/failures/failure.ts';
import type { Clock, MonotonicClock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { TokenResult, TokenSource } from './token.ts';

export interface GuardedTokens extends TokenSource {
  /** Reports that Passmachine refused a call although its token was new, or cannot be renewed. */
  refused(why: Failure): void;
  /** Reports an answer that proves that the token was accepted. */
  accepted(): void;
  /** Why the token is blocked; undefined if it is not. `at`: ms since 1970. */
  refusal(): { at: number; why: Failure } | undefined;
}

interface Options {
  clock: Clock;
  monotonic: MonotonicClock;
  log: Pick<Logger, 'warn' | 'info'>;
}

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;
/** How long other calls wait for the single one. */
const TRIAL_MS = 1000;

export function guardTokens(tokens: TokenSource, { clock, monotonic, log }: Options): GuardedTokens {
  let refusal: { at: number; why: Failure } | undefined;
  let pauses = 0;
  let pausedUntil = 0;
  /** Whether a call was let through to try the token. */
  let isTried = false;

  const refused = (why: Failure) => {
    // Calls that were in flight together are refused together: they count once.
    if (refusal !== undefined && !isTried) return;
    isTried = false;
    if (refusal === undefined)
      log.warn({ event: 'token.refused', code: why.code }, 'Passmachine refuses the token');
    refusal ??= { at: clock(), why };
    refusal.why = why;
    pausedUntil = monotonic() + Math.min(FIRST_PAUSE_MS * 2 ** pauses, MAX_PAUSE_MS);
    pauses += 1;
  };

  const accepted = () => {
    if (refusal === undefined) return;
    log.info({ event: 'token.accepted', refusedSince: refusal.at }, 'Passmachine accepts the token again');
    refusal = undefined;
    pauses = 0;
    isTried = false;
  };

  /** Blocks the token, or lets this call try it. */
  const blocked = (): TokenResult | undefined => {
    if (refusal === undefined) return undefined;
    const left = pausedUntil - monotonic();
    if (left > 0) return { ok: false, failure: { ...refusal.why, retryAfterMs: Math.ceil(left) } };
    pausedUntil = monotonic() + TRIAL_MS;
    isTried = true;
    return undefined;
  };

  /** A token that cannot be obtained because Passmachine is down is the breaker's business. */
  const judged = (result: TokenResult): TokenResult => {
    if (result.ok || result.failure.code !== 'PM_TOKEN_REJECTED') return result;
    refused(result.failure);
    return {
      ok: false,
      failure: { ...result.failure, retryAfterMs: Math.max(1, Math.ceil(pausedUntil - monotonic())) },
    };
  };

  const { renew } = tokens;

  return {
    refused,
    accepted,
    refusal: () => refusal,
    timeLeftMs: tokens.timeLeftMs,
    ...(renew !== undefined && { renew: async () => blocked() ?? judged(await renew()) }),
    current: async () => blocked() ?? judged(await tokens.current()),
    replace: async (rejected) => judged(await tokens.replace(rejected)),
  };
}

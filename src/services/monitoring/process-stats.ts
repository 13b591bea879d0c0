/** What workers report about their breakers and tokens. */

import type { BreakerState, Heartbeat, PastFailure, TokenStatus } from '../../domain/monitoring/heartbeat.ts';
import { impersonalDetail } from '../../domain/failures/cause.ts';
import type { Failure } from '../../domain/failures/failure.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { TokenResult, TokenSource } from '../../passmachine/token.ts';
import type { Breaker } from '../../worker/breaker.ts';
import type { CallStats } from './call-stats.ts';

type OpenBreaker = Pick<Breaker, 'isOpen' | 'pauseMs'>;

/** Returns the state of the breaker of all calls if it is open, else that of creates. */
export function breakerState(all: OpenBreaker, creates: OpenBreaker, clock: Clock): BreakerState {
  const open = [all, creates].find(({ isOpen }) => isOpen());
  if (open === undefined) return { state: 'closed' };
  const only = open === creates ? { onlyCreates: true as const } : {};
  const pauseMs = open.pauseMs();
  return pauseMs > 0 ? { state: 'open', until: clock() + pauseMs, ...only } : { state: 'probing', ...only };
}

/** Returns a function that logs when a breaker opens and when it has closed, given its state, which it returns. */
export function makeBreakerLog(log: Pick<Logger, 'warn' | 'info'>): (state: BreakerState) => BreakerState {
  let wasOpen = false;
  return (breaker) => {
    const isOpen = breaker.state !== 'closed';
    if (isOpen && !wasOpen) {
      const onlyCreates = 'onlyCreates' in breaker;
      log.warn(
        { event: 'breaker.opened', onlyCreates },
        onlyCreates ? 'creates are paused' : 'calls to Passmachine are paused',
      );
    }
    if (!isOpen && wasOpen) log.info({ event: 'breaker.closed' }, 'calls to Passmachine continue');
    wasOpen = isOpen;
    return breaker;
  };
}

/** Adds the refusal of calls, which is none of the token itself. */
export function tokenStatus(
  status: TokenStatus,
  refusal: { at: number; why: Failure } | undefined,
): TokenStatus {
  if (refusal === undefined) return status;
  return { ...status, refused: pastFailure(refusal.at, refusal.why) };
}

/** Heartbeats are kept and shown to viewers, so none names a customer. */
function pastFailure(at: number, why: Failure): PastFailure {
  return { at, code: why.code, detail: impersonalDetail(why) };
}

/** Wraps a token source: tracks its status, and records a missing token as a failed call. */
export function trackTokens(
  tokens: TokenSource,
  { renews, callStats, clock }: { renews: boolean; callStats: CallStats; clock: Clock },
): TokenSource & { status: () => TokenStatus } {
  let refused: PastFailure | undefined;
  const track = (result: TokenResult): TokenResult => {
    if (result.ok) return result;
    refused = pastFailure(clock(), result.failure);
    callStats.recordFailure('passmachine', result.failure);
    return result;
  };

  const { renew } = tokens;

  return {
    timeLeftMs: tokens.timeLeftMs,
    ...(renew !== undefined && { renew: async () => track(await renew()) }),
    current: async () => track(await tokens.current()),
    replace: async (rejectedToken) => track(await tokens.replace(rejectedToken)),
    /** A new token proves nothing; only a successful call with it clears the refusal. */
    status() {
      const { lastSuccessAt = 0 } = callStats.status().passmachine;
      if (refused !== undefined && lastSuccessAt > refused.at) refused = undefined;
      const leftMs = tokens.timeLeftMs();
      return {
        renews,
        ...(leftMs !== undefined && Number.isFinite(leftMs) && { leftMs }),
        ...(refused !== undefined && { refused }),
      };
    },
  };
}

/**
 * Returns a refused token if there is one, else the token that an operator has to replace first, else the one that is
 * renewed first.
 */
export function mostUrgentToken(alive: readonly Heartbeat[]): TokenStatus | undefined {
  const tokens = alive.flatMap(({ token }) => (token === undefined ? [] : [token]));
  const byExpiry = tokens.toSorted((a, b) => (a.leftMs ?? Infinity) - (b.leftMs ?? Infinity) || 0);
  return (
    tokens.find(({ refused }) => refused !== undefined) ??
    byExpiry.find(({ renews, leftMs }) => !renews && leftMs !== undefined) ??
    byExpiry[0]
  );
}

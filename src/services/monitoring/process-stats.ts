/** What workers tell of their breakers and tokens. */

import type { BreakerState, PastFailure, Heartbeat, TokenStatus } from '../../domain/monitoring/heartbeat.ts';
import type { Clock } from '../../kit/clock.ts';
import type { TokenResult, TokenSource } from '../../passmachine/token.ts';
import type { Breaker } from '../../worker/breaker.ts';
import type { CallStats } from './call-stats.ts';

/** The state of a breaker in words for others. */
export function breakerState(breaker: Pick<Breaker, 'isOpen' | 'pauseMs'>, clock: Clock): BreakerState {
  if (!breaker.isOpen()) return { state: 'closed' };
  const pauseMs = breaker.pauseMs();
  return pauseMs > 0 ? { state: 'open', until: clock() + pauseMs } : { state: 'probing' };
}

/** The same tokens; that there is none is known to the traffic, too. */
export function watchedTokens(
  tokens: TokenSource,
  { renews, callStats, clock }: { renews: boolean; callStats: CallStats; clock: Clock },
): TokenSource & { told: () => TokenStatus } {
  let refused: PastFailure | undefined;
  const seen = (result: TokenResult): TokenResult => {
    if (result.ok) return result;
    const { code, detail } = result.failure;
    refused = { at: clock(), code, detail };
    callStats.failed('passmachine', result.failure);
    return result;
  };

  return {
    timeLeftMs: tokens.timeLeftMs,
    current: async () => seen(await tokens.current()),
    replace: async (refusedToken) => seen(await tokens.replace(refusedToken)),
    /** A token that was handed out proves nothing, a call that got through with it does. */
    told() {
      const { lastSuccessAt = 0 } = callStats.told().passmachine;
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

/** The token to worry about: one that was refused is the worst, then the one that ends first. */
export function soonestToken(living: readonly Heartbeat[]): TokenStatus | undefined {
  const tokens = living.flatMap(({ token }) => (token === undefined ? [] : [token]));
  const soonest = tokens.toSorted((a, b) => (a.leftMs ?? Infinity) - (b.leftMs ?? Infinity) || 0)[0];
  return tokens.find(({ refused }) => refused !== undefined) ?? soonest;
}

/** Compares this machine's clock with that of an upstream: every call to Passmachine carries our time. */

import { type Clock, type MonotonicClock, monotonicClock } from '../../kit/clock.ts';
import type { HttpClient } from '../../kit/http/client.ts';
import { type Finding, findingsOf } from './check.ts';

interface ClockWatchingClient extends HttpClient {
  /** Milliseconds by which the upstream's clock is ahead, by its quickest answer; undefined if none was quick. */
  skewMs(): number | undefined;
}

/** The header may have been written at any time during the call: a slow answer says little about the clock. */
const QUICK_MS = 2000;

/** Returns a client that reads the upstream's clock from the `Date` header of its answers. */
export function watchClock(
  http: HttpClient,
  clock: Clock,
  monotonic: MonotonicClock = monotonicClock,
): ClockWatchingClient {
  let quickest: { tookMs: number; skewMs: number } | undefined;
  return {
    async send(request) {
      const sentAt = clock();
      const startedAt = monotonic();
      const result = await http.send(request);
      const tookMs = monotonic() - startedAt;
      const isQuick = tookMs <= Math.min(QUICK_MS, quickest?.tookMs ?? Infinity);
      if (result.answered && result.dateMs !== undefined && isQuick) {
        // On average, the header was written halfway between request and answer.
        quickest = { tookMs, skewMs: result.dateMs - (sentAt + tookMs / 2) };
      }
      return result;
    },
    close: http.close,
    skewMs: () => quickest?.skewMs,
  };
}

const WARNING_ABOVE_S = 30;
/** The tolerance for `X-Timestamp` is not documented; five minutes is common for such checks. */
const ERROR_ABOVE_S = 300;

const FIX = 'Synchronize the clock of this machine, e.g. timedatectl set-ntp true.';

/** Returns no finding if the upstream, e.g. `Passmachine`, did not report its time, or answered too slowly. */
export function clockFindings(check: string, upstream: string, skewMs: number | undefined): Finding[] {
  if (skewMs === undefined) return [];
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const { ok, warning, error } = findingsOf(check);
  if (seconds <= WARNING_ABOVE_S) return [ok(`within ${WARNING_ABOVE_S} s of ${upstream}'s`)];
  const message = `this machine's clock is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} ${upstream}'s`;
  return [(seconds > ERROR_ABOVE_S ? error : warning)(message, FIX)];
}

/** How each side fares, by what all processes tell of it. */

import type { FailureCode } from '../../../domain/failures/failure.ts';
import type { UpstreamNow, UpstreamState } from '../../../domain/monitoring/overview.ts';
import {
  BUCKET_MS,
  bucketOf,
  type CallBucket,
  type Heartbeat,
  type Upstream,
} from '../../../domain/monitoring/heartbeat.ts';

/** Nobody was there, as opposed to somebody who said no. */
const absences: ReadonlySet<FailureCode> = new Set([
  'PM_TOKEN_UNAVAILABLE',
  'PM_UNREACHABLE',
  'PM_UNAVAILABLE',
  'PM_UNKNOWN_TIMEOUT',
  'PM_UNKNOWN_RESET',
  'BR_UNREACHABLE',
  'BR_UNAVAILABLE',
]);

/** Failures in a row from which on a side counts as down: as many as open the breaker. */
const DOWN_AT = 5;
/** Share of the calls of the last minute. */
const FAILING_AT = 0.1;
const QUIET_AFTER_MS = 5 * 60_000;

export function upstreamNow(
  upstream: Upstream,
  calls: ReadonlyMap<number, CallBucket>,
  heartbeats: readonly Heartbeat[],
  now: number,
): UpstreamNow {
  const told = heartbeats.map(({ upstreams }) => upstreams[upstream]);
  const lastSuccessAt = latest(told.map(({ lastSuccessAt: at }) => at)) ?? lastSuccessIn(calls);
  const lastFailure = told
    .flatMap(({ lastFailure: failed }) => (failed === undefined ? [] : [failed]))
    .toSorted((a, b) => b.at - a.at)[0];
  const lastCallAt = Math.max(lastSuccessAt ?? 0, lastFailure?.at ?? 0);
  // Only what failed after the last success of anybody.
  const streaks = told.filter(({ failingSince }) => failingSince !== undefined);
  const failing = lastFailure !== undefined && lastFailure.at > (lastSuccessAt ?? 0);
  const since = Math.min(...streaks.map(({ failingSince }) => failingSince ?? now));
  const inARow = streaks.reduce((sum, { failuresInARow }) => sum + failuresInARow, 0);

  const judge = (): UpstreamState => {
    if (upstream === 'passmachine' && isBroken(heartbeats)) return 'down';
    if (now - lastCallAt > QUIET_AFTER_MS) return 'quiet';
    if (failing && inARow >= DOWN_AT && absences.has(lastFailure.code)) return 'down';
    return failing || lastMinute(calls, now) >= FAILING_AT ? 'failing' : 'ok';
  };

  const state = judge();
  return {
    state,
    ...((state === 'failing' || state === 'down') && Number.isFinite(since) && { since }),
    ...(lastSuccessAt !== undefined && { lastSuccessAt }),
    ...(lastFailure !== undefined && { lastFailure }),
  };
}

/** Whether some worker keeps calls back. */
export function isBroken(heartbeats: readonly Heartbeat[]): boolean {
  return heartbeats.some(({ breaker }) => breaker !== undefined && breaker.state !== 'closed');
}

/** Whoever made the call may be gone. */
function lastSuccessIn(calls: ReadonlyMap<number, CallBucket>): number | undefined {
  return latest([...calls].map(([start, { calls: all, failures }]) => (all > failures ? start : undefined)));
}

function lastMinute(calls: ReadonlyMap<number, CallBucket>, now: number): number {
  const recent = [...calls]
    .filter(([start]) => start > bucketOf(now) - 6 * BUCKET_MS)
    .map(([, bucket]) => bucket);
  const all = recent.reduce((sum, bucket) => sum + bucket.calls, 0);
  const failed = recent.reduce((sum, bucket) => sum + bucket.failures, 0);
  return all === 0 ? 0 : failed / all;
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** The health of each upstream, derived from the heartbeats of all processes. */

import { isOutage } from '../../../domain/failures/failure.ts';
import {
  BUCKET_MS,
  bucketOf,
  type CallBucket,
  type Heartbeat,
  type Upstream,
} from '../../../domain/monitoring/heartbeat.ts';
import type { UpstreamHealth, UpstreamState } from '../../../domain/monitoring/overview.ts';
import { breakersOf } from '../blockers.ts';

/** Consecutive failures from which an upstream counts as down; the breaker opens at the same number. */
const DOWN_AT = 5;
/** Share of failed calls in the last minute. */
const FAILING_SHARE = 0.1;
const QUIET_AFTER_MS = 5 * 60_000;

export function upstreamHealth(
  upstream: Upstream,
  calls: ReadonlyMap<number, CallBucket>,
  heartbeats: readonly Heartbeat[],
  now: number,
): UpstreamHealth {
  const statuses = heartbeats.map(({ upstreams }) => upstreams[upstream]);
  const lastSuccessAt = latest(statuses.map((status) => status.lastSuccessAt)) ?? lastSuccessIn(calls);
  const lastFailure = statuses
    .flatMap((status) => (status.lastFailure === undefined ? [] : [status.lastFailure]))
    .toSorted((a, b) => b.at - a.at)[0];
  const lastCallAt = Math.max(lastSuccessAt ?? 0, lastFailure?.at ?? 0);
  const failing = statuses.filter(({ failingSince }) => failingSince !== undefined);
  const isFailing = lastFailure !== undefined && lastFailure.at > (lastSuccessAt ?? 0);
  const since = Math.min(...failing.map(({ failingSince }) => failingSince ?? now));
  const consecutive = failing.reduce((sum, { consecutiveFailures }) => sum + consecutiveFailures, 0);

  const stateOf = (): UpstreamState => {
    if (upstream === 'passmachine' && breakersOf(heartbeats).length > 0) return 'down';
    if (now - lastCallAt > QUIET_AFTER_MS) return 'quiet';
    if (isFailing && consecutive >= DOWN_AT && isOutage(lastFailure)) return 'down';
    return isFailing || failedShare(calls, now) >= FAILING_SHARE ? 'failing' : 'ok';
  };

  const state = stateOf();
  return {
    state,
    ...((state === 'failing' || state === 'down') && Number.isFinite(since) && { since }),
    ...(lastSuccessAt !== undefined && { lastSuccessAt }),
    ...(lastFailure !== undefined && { lastFailure }),
  };
}

/** Falls back to the bucket counts, because the process that made the call may have stopped. */
function lastSuccessIn(calls: ReadonlyMap<number, CallBucket>): number | undefined {
  return latest([...calls].map(([start, { calls: all, failures }]) => (all > failures ? start : undefined)));
}

/** Returns the share of failed calls in the last minute; 0 without calls. */
function failedShare(calls: ReadonlyMap<number, CallBucket>, now: number): number {
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

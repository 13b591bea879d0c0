/** Call rates and durations of the last hour, as columns for charts. */

import { quantileOf } from '../../../domain/jobs/durations.ts';
import {
  BUCKET_MS,
  bucketOf,
  type CallBucket,
  type Heartbeat,
  RECENT_MS,
  type Upstream,
} from '../../../domain/monitoring/heartbeat.ts';
import type { CallRates } from '../../../domain/monitoring/overview.ts';

const HOUR_MS = 3_600_000;

/** Returns the start of the first bucket of the last hour. */
export function hourBefore(now: number): number {
  return bucketOf(now) - HOUR_MS;
}

export function callRates(
  upstream: Upstream,
  calls: ReadonlyMap<number, CallBucket>,
  heartbeats: readonly Heartbeat[],
  now: number,
): CallRates {
  const from = hourBefore(now);
  const buckets = Array.from({ length: HOUR_MS / BUCKET_MS }, (_, index) =>
    calls.get(from + index * BUCKET_MS),
  );
  const recentPerSecond = (count: 'calls' | 'failures') =>
    (heartbeats.reduce((sum, { upstreams }) => sum + upstreams[upstream].recent[count], 0) * 1000) /
    RECENT_MS;

  return {
    perSecond: recentPerSecond('calls'),
    failuresPerSecond: recentPerSecond('failures'),
    from,
    stepMs: BUCKET_MS,
    calls: buckets.map((bucket) => perSecond(bucket?.calls)),
    failures: buckets.map((bucket) => perSecond(bucket?.failures)),
    p50: buckets.map((bucket) => durationQuantile(bucket, 0.5)),
    p95: buckets.map((bucket) => durationQuantile(bucket, 0.95)),
  };
}

function perSecond(count = 0): number {
  return (count * 1000) / BUCKET_MS;
}

/** Returns whole milliseconds; null without calls. */
function durationQuantile(bucket: CallBucket | undefined, quantile: number): number | null {
  const ms = quantileOf(bucket?.durations ?? {}, quantile);
  return ms === undefined ? null : Math.round(ms);
}

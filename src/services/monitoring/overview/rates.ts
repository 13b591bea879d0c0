/** How many calls there were and how long they took, in columns as charts want them. */

import { quantileOf } from '../../../domain/jobs/durations.ts';
import type { CallRates } from '../../../domain/monitoring/overview.ts';
import {
  BUCKET_MS,
  bucketOf,
  type CallBucket,
  type Heartbeat,
  RECENT_MS,
  type Upstream,
} from '../../../domain/monitoring/heartbeat.ts';

const HOUR_MS = 3_600_000;

/** When the first span of the hour before `now` began. */
export function hourBefore(now: number): number {
  return bucketOf(now) - HOUR_MS;
}

export function ratesOf(
  upstream: Upstream,
  calls: ReadonlyMap<number, CallBucket>,
  heartbeats: readonly Heartbeat[],
  now: number,
): CallRates {
  const from = hourBefore(now);
  const spans = Array.from({ length: HOUR_MS / BUCKET_MS }, (_, index) =>
    calls.get(from + index * BUCKET_MS),
  );
  const recent = (count: 'calls' | 'failures') =>
    (heartbeats.reduce((sum, { upstreams }) => sum + upstreams[upstream].recent[count], 0) * 1000) /
    RECENT_MS;

  return {
    perSecond: recent('calls'),
    failuresPerSecond: recent('failures'),
    from,
    stepMs: BUCKET_MS,
    calls: spans.map((span) => perSecond(span?.calls)),
    failures: spans.map((span) => perSecond(span?.failures)),
    p50: spans.map((span) => quantile(span, 0.5)),
    p95: spans.map((span) => quantile(span, 0.95)),
  };
}

function perSecond(count = 0): number {
  return (count * 1000) / BUCKET_MS;
}

/** Whole milliseconds. */
function quantile(span: CallBucket | undefined, share: number): number | null {
  const ms = quantileOf(span?.durations ?? {}, share);
  return ms === undefined ? null : Math.round(ms);
}

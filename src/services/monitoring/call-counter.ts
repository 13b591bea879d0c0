/** Counts the calls to one side by spans of time, and remembers the last success and failure. */

import { binOf } from '../../domain/jobs/durations.ts';
import type { Failure } from '../../domain/failures/failure.ts';
import {
  bucketOf,
  type CallBucket,
  type PastFailure,
  RECENT_MS,
  type UpstreamStatus,
} from '../../domain/monitoring/heartbeat.ts';

/** Spans that are kept while Redis is away: older ones are lost. */
const KEPT_BUCKETS = 12;

/** Nothing counted yet. */
export function makeCallCounter() {
  const buckets = new Map<number, CallBucket>();
  /** How many calls of a span are saved. */
  const saved = new Map<number, number>();
  const seconds = new Map<number, { calls: number; failures: number }>();
  let failuresInARow = 0;
  let failingSince: number | undefined;
  let lastSuccessAt: number | undefined;
  let lastFailure: PastFailure | undefined;

  const fail = (at: number, { code, detail }: Failure) => {
    lastFailure = { at, code, detail };
    failuresInARow += 1;
    failingSince ??= at;
  };

  return {
    /** No call was made, since something that it needs could not be had. */
    fail,
    /** A call that ended `at`; `ms` is undefined where it never left. */
    count(at: number, ms: number | undefined, failed: Failure | undefined): void {
      const start = bucketOf(at);
      const bucket = found<CallBucket>(buckets, start, () => ({ calls: 0, failures: 0, durations: {} }));
      const second = found(seconds, Math.floor(at / 1000), () => ({ calls: 0, failures: 0 }));
      keepNewest(buckets, KEPT_BUCKETS);
      keepNewest(seconds, RECENT_MS / 1000 + 1);
      for (const counts of [bucket, second]) {
        counts.calls += 1;
        if (failed !== undefined) counts.failures += 1;
      }
      if (ms !== undefined) bucket.durations[binOf(ms)] = (bucket.durations[binOf(ms)] ?? 0) + 1;
      if (failed !== undefined) return fail(at, failed);
      lastSuccessAt = at;
      failuresInARow = 0;
      failingSince = undefined;
    },
    told(now: number): UpstreamStatus {
      const thisSecond = Math.floor(now / 1000);
      const recent = { calls: 0, failures: 0 };
      for (const [second, { calls, failures }] of seconds) {
        if (second >= thisSecond || second < thisSecond - RECENT_MS / 1000) continue;
        recent.calls += calls;
        recent.failures += failures;
      }
      return {
        recent,
        failuresInARow,
        ...(failingSince !== undefined && { failingSince }),
        ...(lastSuccessAt !== undefined && { lastSuccessAt }),
        ...(lastFailure !== undefined && { lastFailure }),
      };
    },
    /** The spans with calls that nobody has `taken` yet, whole. */
    unsaved() {
      const open = [...buckets].filter(([start, { calls }]) => calls !== saved.get(start));
      const counts = open.map(([start, { calls }]) => [start, calls] as const);
      return {
        buckets: open,
        taken() {
          for (const [start, calls] of counts) saved.set(start, calls);
          keepNewest(saved, KEPT_BUCKETS);
        },
      };
    },
  };
}

function found<T>(map: Map<number, T>, key: number, make: () => T): T {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}

/** Keys are times, which come in order. */
function keepNewest(map: Map<number, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

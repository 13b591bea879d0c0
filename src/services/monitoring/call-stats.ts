/** Counts and times the calls of this process to both upstreams, in memory, so that it never delays a call. */

import { impersonalDetail } from '../../domain/failures/cause.ts';
import { countsAgainstUpstream, type Failure } from '../../domain/failures/failure.ts';
import { binOf } from '../../domain/jobs/durations.ts';
import {
  bucketOf,
  type CallBucket,
  type PastFailure,
  RECENT_MS,
  type Upstream,
  upstreams,
  type UpstreamStatus,
} from '../../domain/monitoring/heartbeat.ts';
import type { Clock } from '../../kit/clock.ts';
import type { HttpClient, HttpRequest, HttpResult } from '../../kit/http/client.ts';
import type { CountedBucket } from '../../ledger/monitoring/heartbeats.ts';

/** Interprets the result of a call; undefined for success. */
export type FailureOf = (result: HttpResult, request: HttpRequest) => Failure | undefined;

export interface CallStats {
  /** Wraps a client so that its calls are counted. */
  countCalls(upstream: Upstream, http: HttpClient, failureOf: FailureOf): HttpClient;
  /** Records that a call could not be made, e.g. for lack of a token. */
  recordFailure(upstream: Upstream, failure: Failure): void;
  status(): Record<Upstream, UpstreamStatus>;
  /** Returns the complete buckets that changed since the last save; call `markSaved` once they are stored. */
  unsaved(): { buckets: CountedBucket[]; markSaved: () => void };
}

export function makeCallStats(clock: Clock): CallStats {
  const counters = { passmachine: makeCallCounter(), bloomreach: makeCallCounter() };

  return {
    countCalls: (upstream, http, failureOf) => ({
      close: http.close,
      async send(request) {
        const startedAt = performance.now();
        const result = await http.send(request);
        const ms = result.answered || result.sent ? performance.now() - startedAt : undefined;
        const failure = failureOf(result, request);
        const failed = failure !== undefined && countsAgainstUpstream(failure) ? failure : undefined;
        counters[upstream].count(clock(), ms, failed);
        return result;
      },
    }),
    recordFailure: (upstream, failure) => counters[upstream].recordFailure(clock(), failure),
    status() {
      const now = clock();
      return { passmachine: counters.passmachine.status(now), bloomreach: counters.bloomreach.status(now) };
    },
    unsaved() {
      const changed = upstreams.map((upstream) => {
        const { buckets, markSaved } = counters[upstream].unsaved();
        return { markSaved, buckets: buckets.map(([start, bucket]) => ({ upstream, start, bucket })) };
      });
      return {
        buckets: changed.flatMap(({ buckets }) => buckets),
        markSaved: () => changed.forEach(({ markSaved }) => markSaved()),
      };
    },
  };
}

/** Buckets kept while Redis is down; older ones are lost. */
const MAX_BUCKETS = 12;

/** Counts the calls to one upstream per bucket and per second. */
function makeCallCounter() {
  const buckets = new Map<number, CallBucket>();
  /** Calls per bucket at the last save. */
  const savedCalls = new Map<number, number>();
  const seconds = new Map<number, { calls: number; failures: number }>();
  let consecutiveFailures = 0;
  let failingSince: number | undefined;
  let lastSuccessAt: number | undefined;
  let lastFailure: PastFailure | undefined;

  const recordFailure = (at: number, failed: Failure) => {
    lastFailure = { at, code: failed.code, detail: impersonalDetail(failed) };
    consecutiveFailures += 1;
    failingSince ??= at;
  };

  return {
    recordFailure,
    /** Counts a call that ended `at`; `ms` is undefined if it was not sent. */
    count(at: number, ms: number | undefined, failed: Failure | undefined): void {
      const start = bucketOf(at);
      const bucket = getOrMake<CallBucket>(buckets, start, () => ({ calls: 0, failures: 0, durations: {} }));
      const second = getOrMake(seconds, Math.floor(at / 1000), () => ({ calls: 0, failures: 0 }));
      keepNewest(buckets, MAX_BUCKETS);
      keepNewest(seconds, RECENT_MS / 1000 + 1);
      for (const counts of [bucket, second]) {
        counts.calls += 1;
        if (failed !== undefined) counts.failures += 1;
      }
      if (ms !== undefined) bucket.durations[binOf(ms)] = (bucket.durations[binOf(ms)] ?? 0) + 1;
      if (failed !== undefined) return recordFailure(at, failed);
      lastSuccessAt = at;
      consecutiveFailures = 0;
      failingSince = undefined;
    },
    status(now: number): UpstreamStatus {
      const thisSecond = Math.floor(now / 1000);
      const recent = { calls: 0, failures: 0 };
      for (const [second, { calls, failures }] of seconds) {
        if (second >= thisSecond || second < thisSecond - RECENT_MS / 1000) continue;
        recent.calls += calls;
        recent.failures += failures;
      }
      return {
        recent,
        consecutiveFailures,
        ...(failingSince !== undefined && { failingSince }),
        ...(lastSuccessAt !== undefined && { lastSuccessAt }),
        ...(lastFailure !== undefined && { lastFailure }),
      };
    },
    unsaved() {
      const changed = [...buckets].filter(([start, { calls }]) => calls !== savedCalls.get(start));
      const counts = changed.map(([start, { calls }]) => [start, calls] as const);
      return {
        buckets: changed,
        markSaved() {
          for (const [start, calls] of counts) savedCalls.set(start, calls);
          keepNewest(savedCalls, MAX_BUCKETS);
        },
      };
    },
  };
}

function getOrMake<T>(map: Map<number, T>, key: number, make: () => T): T {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}

/** Removes the oldest entries beyond `max`. The keys are times, inserted in order. */
function keepNewest(map: Map<number, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}

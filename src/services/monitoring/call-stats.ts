/** Counts and times the calls that this process makes, in memory: nothing here can hold a call up. */

import type { Failure, FailureCode } from '../../domain/failures/failure.ts';
import { type Upstream, type UpstreamStatus, upstreams } from '../../domain/monitoring/heartbeat.ts';
import type { Clock } from '../../kit/clock.ts';
import type { HttpClient, HttpResult } from '../../kit/http/http.ts';
import type { CountedBucket } from '../../ledger/monitoring/heartbeats.ts';
import { makeCallCounter } from './call-counter.ts';

export interface CallStats {
  /** The same client, counted; `failureOf` reads its answers. */
  counted(upstream: Upstream, http: HttpClient, failureOf: FailureOf): HttpClient;
  /** A call could not even be made. */
  failed(upstream: Upstream, failure: Failure): void;
  told(): Record<Upstream, UpstreamStatus>;
  /** The spans in which something was counted since they were last handed out and taken. */
  unsaved(): { counted: CountedBucket[]; taken: () => void };
}

/** What an answer, or the want of one, comes to; undefined for success. */
export type FailureOf = (result: HttpResult) => Failure | undefined;

const verdicts: ReadonlySet<FailureCode> = new Set([
  'PM_TEMPLATE_UNKNOWN',
  'PM_PASS_GONE',
  'PM_REFUSED',
  'BR_BATCH_REFUSED',
]);

/** Whether that side was at work and judged the content. */
export function isVerdict({ code }: Failure): boolean {
  return verdicts.has(code);
}

export function makeCallStats(clock: Clock): CallStats {
  const counters = { passmachine: makeCallCounter(), bloomreach: makeCallCounter() };

  return {
    counted: (upstream, http, failureOf) => ({
      close: http.close,
      async send(request) {
        const startedAt = performance.now();
        const result = await http.send(request);
        const ms = result.answered || result.sent ? performance.now() - startedAt : undefined;
        const failure = failureOf(result);
        const failed = failure === undefined || isVerdict(failure) ? undefined : failure;
        counters[upstream].count(clock(), ms, failed);
        return result;
      },
    }),
    failed: (upstream, failure) => counters[upstream].fail(clock(), failure),
    told() {
      const now = clock();
      return { passmachine: counters.passmachine.told(now), bloomreach: counters.bloomreach.told(now) };
    },
    unsaved() {
      const handed = upstreams.map((upstream) => {
        const { buckets, taken } = counters[upstream].unsaved();
        return { taken, counted: buckets.map(([start, bucket]) => ({ upstream, start, bucket })) };
      });
      return {
        counted: handed.flatMap(({ counted }) => counted),
        taken: () => handed.forEach(({ taken }) => taken()),
      };
    },
  };
}

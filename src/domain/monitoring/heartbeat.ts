/** What a running process tells of itself once a second, and how calls are counted over time. */

import type { FailureCode } from '../failures/failure.ts';

/** The sides that are called. */
export const upstreams = ['passmachine', 'bloomreach'] as const;

export type Upstream = (typeof upstreams)[number];

/** What a process works on; `up` without a role does all of it. */
export type ProcessPart = 'worker' | 'feeder' | 'web';

/** `until`: when the next probe may go, ms since 1970. `probing`: a single call finds out whether the rest may go. */
export type BreakerState = { state: 'closed' } | { state: 'open'; until: number } | { state: 'probing' };

/** A failure as somebody looks back on it. */
export interface PastFailure {
  /** Milliseconds since 1970. */
  at: number;
  code: FailureCode;
  /** See {@link import('../failures/failure.ts').Failure}. */
  detail: string;
}

/** A file that was changed and is not valid: what it said before goes on counting. */
export interface RefusedFile {
  /** When it was found out, ms since 1970. */
  at: number;
  /** The first problem, with its place. */
  problem: string;
}

/** The bearer token of a worker. */
export interface TokenStatus {
  /** Milliseconds; below 0 once it has ended, absent where nobody knows. */
  leftMs?: number;
  /** Whether passbridge obtains the next one itself. */
  renews: boolean;
  /** Passmachine would not have it, or gave none, and no call has got through since. */
  refused?: PastFailure;
}

/**
 * How one side fares, as the calls of one process tell. A call fails when that side did not serve it: no
 * answer, 401, 403, 429 or 5xx. Where it judges the content of a call, it is at work.
 */
export interface UpstreamStatus {
  /** In the last {@link RECENT_MS}, up to the last whole second. */
  recent: { calls: number; failures: number };
  /** Calls that failed since the last that did not. */
  failuresInARow: number;
  /** When the first of those failed. */
  failingSince?: number;
  lastSuccessAt?: number;
  lastFailure?: PastFailure;
}

export interface Heartbeat {
  /** Unique among all processes ever. */
  process: string;
  pid: number;
  host: string;
  parts: ProcessPart[];
  /** When it began, ms since 1970. */
  since: number;
  /** When it told this. */
  at: number;
  /** Only a worker has one. */
  breaker?: BreakerState;
  token?: TokenStatus;
  /** Its programs file was changed, and does not count. */
  refusedFile?: RefusedFile;
  upstreams: Record<Upstream, UpstreamStatus>;
}

export const RECENT_MS = 10_000;

/** Calls are counted by spans of this length. */
export const BUCKET_MS = 10_000;

/** Calls that ended within one span of {@link BUCKET_MS}. */
export interface CallBucket {
  calls: number;
  failures: number;
  /** How many took how long, by the bins of `durations.ts`; calls that never left are in none. */
  durations: Record<number, number>;
}

/** When the span that holds a time began. */
export function bucketOf(at: number): number {
  return Math.floor(at / BUCKET_MS) * BUCKET_MS;
}

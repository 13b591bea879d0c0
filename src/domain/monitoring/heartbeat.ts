/** The heartbeat that a running process sends once a second, and call counts over time. */

import type { FailureCode } from '../failures/failure.ts';

export const upstreams = ['passmachine', 'bloomreach'] as const;

export type Upstream = (typeof upstreams)[number];

/** `passbridge up` without `--role` has all of them. */
export type ProcessRole = 'worker' | 'feeder' | 'web';

/**
 * `open`: calls are stopped, and the next probe is due at `until` (ms since 1970). `probing`: a single call
 * tests whether the others may continue. `onlyCreates`: updates and notifications continue.
 */
export type BreakerState =
  | { state: 'closed' }
  | { state: 'open'; until: number; onlyCreates?: true }
  | { state: 'probing'; onlyCreates?: true };

export interface PastFailure {
  /** Milliseconds since 1970. */
  at: number;
  code: FailureCode;
  /** See {@link import('../failures/failure.ts').Failure}. */
  detail: string;
}

/** A file that was changed and is invalid: the previous version stays active. */
export interface InvalidFile {
  /** When it was detected, ms since 1970. */
  at: number;
  /** The first problem, with its location. */
  problem: string;
}

/** The settings of a process, without any value. */
export interface SettingsStatus {
  /** Differs between processes with different settings; see config/settings-status.ts. */
  digest: string;
  /** The names of settings that `.env` has changed since the start of the process, and since when (ms since 1970). */
  changed?: { names: readonly string[]; since: number };
}

/** A worker that starts no calls although nothing holds them back. */
export interface StalledCalls {
  /** The last progress, ms since 1970. */
  since: number;
  /** A sentence without its period. */
  text: string;
}

/** The bearer token of a worker. */
export interface TokenStatus {
  /** Milliseconds until it expires, negative after that; absent if unknown. */
  leftMs?: number;
  /** Whether passbridge obtains the next one automatically. */
  renews: boolean;
  /** Passmachine rejected the token or issued none, and no call has succeeded since. */
  refused?: PastFailure;
}

/**
 * The health of one upstream, as the calls of one process show it. A call fails if the upstream did not serve
 * it: no response, 401, 403, 429 or 5xx. A call whose content is rejected counts as served.
 */
export interface UpstreamStatus {
  /** In the last {@link RECENT_MS}, up to the last whole second. */
  recent: { calls: number; failures: number };
  /** Failed calls since the last success. */
  consecutiveFailures: number;
  /** When the first of those failed. */
  failingSince?: number;
  lastSuccessAt?: number;
  lastFailure?: PastFailure;
}

export interface Heartbeat {
  /** Must be unique and never reused. */
  process: string;
  pid: number;
  host: string;
  /** The release that the process runs, e.g. `1.0.0`. */
  version: string;
  roles: ProcessRole[];
  /** When the process started, ms since 1970. */
  since: number;
  /** When this heartbeat was made, ms since 1970. */
  at: number;
  /** Workers only. */
  breaker?: BreakerState;
  /** Workers only. */
  token?: TokenStatus;
  /** Set from the quiet signal on: the process takes no more jobs and waits to be stopped. */
  quiet?: true;
  /** Workers only, while it makes no calls for no known reason. */
  stalled?: StalledCalls;
  /** Its programs file, if it was changed and is invalid. */
  invalidFile?: InvalidFile;
  settings?: SettingsStatus;
  upstreams: Record<Upstream, UpstreamStatus>;
}

export const RECENT_MS = 10_000;

/** Calls are counted in time buckets of this length. */
export const BUCKET_MS = 10_000;

/** Calls that ended within one bucket of {@link BUCKET_MS}. */
export interface CallBucket {
  calls: number;
  failures: number;
  /** Histogram of durations, by the bins of `durations.ts`; excludes calls that were not sent. */
  durations: Record<number, number>;
}

/** Returns the start of the bucket that contains a time. */
export function bucketOf(at: number): number {
  return Math.floor(at / BUCKET_MS) * BUCKET_MS;
}

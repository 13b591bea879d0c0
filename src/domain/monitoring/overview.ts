/** The state of the whole installation at one moment, as JSON for the dashboard, the API and the CLI. Times are ms since 1970. */

import type { FailureCode } from '../failures/failure.ts';
import type {
  CampaignCounters,
  CampaignStatus,
  FeedProblem,
  Halt,
  WriteBackCounters,
  CampaignWork,
} from '../campaigns/campaign.ts';
import type { TimeLeft } from '../campaigns/finish.ts';
import type { EffectiveLimits } from '../campaigns/limits.ts';
import type { PassAction } from '../jobs/pass-job.ts';
import type { Health } from './health.ts';
import type { PastFailure, TokenStatus, Upstream } from './heartbeat.ts';
import type { CampaignWait } from './wait-reason.ts';

export interface Overview {
  at: number;
  health: Health;
  /** One per call that may be in flight; more while calls above a lowered limit are still running. */
  slots: Slot[];
  rates: Record<Upstream, CallRates>;
  limits: EffectiveLimits;
  queue: {
    waiting: number;
    /** Jobs that wait for their next attempt. */
    delayed: number;
    active: number;
    /** Age in ms of the job that has waited longest. */
    oldestMs?: number;
  };
  writeback: {
    waiting: number;
    /** Age in ms of the older of the two entries at the ends of the outbox. */
    oldestMs?: number;
    /** CSV imports that Bloomreach has not fetched yet. */
    importBatches: number;
    /** Why nothing is sent to Bloomreach, and for how many ms more; absent while write-backs are sent. */
    pause?: { leftMs: number; since: number; code: FailureCode; detail: string };
  };
  /** The most urgent token of all workers: a rejected one, else the one that expires first. */
  token?: TokenStatus;
  upstreams: Record<Upstream, UpstreamHealth>;
  /** A process with several roles is in each list. */
  workers: ProcessInfo[];
  feeders: ProcessInfo[];
  web: ProcessInfo[];
  /** Campaigns that have not ended, or ended within {@link RECENTLY_ENDED_MS}; newest first. */
  campaigns: CampaignOverview[];
  /** Why campaigns do not move, the reason to fix first at the front. */
  waits: CampaignWait[];
  /** Most urgent first. */
  alerts: Alert[];
}

/** Campaigns are shown for this long after their end. */
export const RECENTLY_ENDED_MS = 10 * 60_000;

/** One of the calls to Passmachine that may be in flight at once. */
export type Slot =
  | {
      state: 'busy';
      /** When a worker claimed the job. */
      since: number;
      action: PassAction;
      program: string;
      campaign: string;
      row: number;
      job: string;
    }
  | { state: 'idle' }
  /** Passmachine answered 429 and asked to wait. */
  | { state: 'waiting'; until: number }
  /** Passmachine is down; `until`: the next probe. */
  | { state: 'breaker'; until: number };

/** The last hour as columns with one value per bucket of `stepMs`, oldest first, without the current bucket. */
export interface CallRates {
  /** Average over the last 10 s. */
  perSecond: number;
  failuresPerSecond: number;
  /** Start of the first bucket. */
  from: number;
  stepMs: number;
  /** Per second. */
  calls: number[];
  /** Per second. */
  failures: number[];
  /** Milliseconds; null for a bucket without calls. */
  p50: (number | null)[];
  p95: (number | null)[];
}

/**
 * `failing`: the last call failed, or 10 % of the calls of the last minute. `down`: calls do not reach the
 * upstream. `quiet`: no call for five minutes.
 */
export type UpstreamState = 'ok' | 'failing' | 'down' | 'quiet';

export interface UpstreamHealth {
  state: UpstreamState;
  /** When it started failing; only while failing or down, and if known. */
  since?: number;
  lastSuccessAt?: number;
  lastFailure?: PastFailure;
}

export interface ProcessInfo {
  process: string;
  pid: number;
  host: string;
  /** The release that the process runs, e.g. `1.0.0`. */
  version: string;
  since: number;
  /** It takes no more jobs. */
  quiet?: true;
}

export interface CampaignOverview extends CampaignCounters, WriteBackCounters {
  id: string;
  program: string;
  action: CampaignWork;
  status: CampaignStatus;
  createdAt: number;
  /** Whether its source is webhooks rather than a file. */
  byWebhook: boolean;
  schedule?: string;
  halt?: Halt;
  feedProblem?: FeedProblem;
  /** Share of its rows that have ended, 0 to 1; absent until the rows are counted. */
  progress?: number;
  /** Jobs that ended per second, averaged over up to two minutes. */
  perSecond?: number;
  /** Absent unless it is running and its throughput is known. */
  finish?: TimeLeft;
}

/** Ordered by urgency. */
export const alertCodes = [
  'STORE_RESTORED',
  'REDIS_NEARLY_FULL',
  'TOKEN_REJECTED',
  'NO_WORKER',
  'PASSMACHINE_DOWN',
  'CALLS_STALLED',
  'NO_FEEDER',
  'PASSMACHINE_RATE_LIMITED',
  'WRITEBACK_LATE',
  'TOKEN_EXPIRING',
  'SECOND_CARDS',
  'PROGRAMS_FILE_INVALID',
  'SETTINGS_CHANGED',
  'VOUCHERS_EMPTY',
  'CAMPAIGN_HELD',
  'CAMPAIGN_UNREADABLE',
  'SCHEDULE_MISSED_RUNS',
] as const;

export type AlertCode = (typeof alertCodes)[number];

/** A problem and what to do about it. */
export interface Alert {
  code: AlertCode;
  text: string;
  remedy: string;
  since?: number;
  /** Id of the campaign, name of the schedule, voucher pool, or host and pid of the process. */
  about?: string;
}

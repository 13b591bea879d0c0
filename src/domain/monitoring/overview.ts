/** What an operator sees of the running whole at one moment. JSON: the page, the API and the CLI show the same. Times are ms since 1970. */

import type {
  CampaignCounters,
  CampaignStatus,
  Halt,
  SaveCounters,
  WorkOfCampaign,
} from '../campaigns/campaign.ts';
import type { TimeLeft } from '../campaigns/finish.ts';
import type { LimitsInForce } from '../campaigns/limits.ts';
import type { PassAction } from '../jobs/pass-job.ts';
import type { PastFailure, TokenStatus, Upstream } from './heartbeat.ts';

export interface Now {
  at: number;
  /** One for each call that may be under way at once; more while a lowered limit is not reached yet. */
  slots: Slot[];
  rates: Record<Upstream, CallRates>;
  limits: LimitsInForce;
  queue: {
    waiting: number;
    /** Those that wait for their next attempt. */
    delayed: number;
    active: number;
    /** Age of the job that has waited longest, ms. */
    oldestMs?: number;
  };
  writeback: {
    waiting: number;
    /** Age of the oldest, ms; of many, of the oldest at either end of the line. */
    oldestMs?: number;
    /** CSV imports that Bloomreach has yet to fetch. */
    importBatches: number;
  };
  /** Of the worker whose token ends first; absent while no worker has one. */
  token?: TokenStatus;
  upstreams: Record<Upstream, UpstreamNow>;
  /** A process that does several things is in each. */
  workers: ProcessNow[];
  feeders: ProcessNow[];
  web: ProcessNow[];
  /** Those that are not over, and those that ended within {@link LATELY_MS}; newest first. */
  campaigns: CampaignNow[];
  /** Most urgent first; empty when all is well. */
  alerts: Alert[];
}

/** A campaign that ended so long ago, or later, is still of interest. */
export const LATELY_MS = 10 * 60_000;

/** A place for one call to Passmachine. A job keeps its place while it lasts. */
export type Slot =
  | {
      state: 'busy';
      /** When a worker took the job. */
      since: number;
      action: PassAction;
      program: string;
      campaign: string;
      row: number;
      job: string;
    }
  | { state: 'idle' }
  /** Passmachine asked everybody to wait. */
  | { state: 'waiting'; until: number }
  /** Passmachine is down; `until`: the next probe. */
  | { state: 'breaker'; until: number };

/** The last hour in columns, one place for each span of `stepMs`, oldest first; the span that is under way is not in it. */
export interface CallRates {
  /** Calls that ended per second, over the last 10 s. */
  perSecond: number;
  failuresPerSecond: number;
  /** When the first span began. */
  from: number;
  stepMs: number;
  /** Per second. */
  calls: number[];
  /** Per second. */
  failures: number[];
  /** Milliseconds; null in a span without calls. */
  p50: (number | null)[];
  p95: (number | null)[];
}

/**
 * `failing`: the last call failed, or a tenth of those of the last minute did. `down`: none gets
 * through. `quiet`: no call for some minutes.
 */
export type UpstreamState = 'ok' | 'failing' | 'down' | 'quiet';

export interface UpstreamNow {
  state: UpstreamState;
  /** Since when it is failing or down, where it is known. */
  since?: number;
  lastSuccessAt?: number;
  lastFailure?: PastFailure;
}

export interface ProcessNow {
  process: string;
  pid: number;
  host: string;
  since: number;
}

export interface CampaignNow extends CampaignCounters, SaveCounters {
  id: string;
  program: string;
  action: WorkOfCampaign;
  status: CampaignStatus;
  createdAt: number;
  /** Whether its customers come one by one. */
  byWebhook: boolean;
  schedule?: string;
  halt?: Halt;
  /** Share of its rows that have ended, 0 to 1; absent until they are counted. */
  progress?: number;
  /** Jobs that ended per second, over the last two minutes of running. */
  perSecond?: number;
  /** Absent unless it runs, and until there is a pace to tell by. */
  finish?: TimeLeft;
}

/** What can be wrong, most urgent first. */
export const alertCodes = [
  'REDIS_NEARLY_FULL',
  'TOKEN_REJECTED',
  'NO_WORKER',
  'PASSMACHINE_DOWN',
  'NO_FEEDER',
  'PASSMACHINE_WAITS',
  'WRITEBACK_LATE',
  'TOKEN_ENDS',
  'PROGRAMS_REFUSED',
  'VOUCHERS_EMPTY',
  'CAMPAIGN_HELD',
  'SCHEDULE_ASKS',
] as const;

export type AlertCode = (typeof alertCodes)[number];

/** Something is wrong: what, and what to do. */
export interface Alert {
  code: AlertCode;
  text: string;
  remedy: string;
  since?: number;
  /** Id of the campaign, or name of the schedule. */
  about?: string;
}

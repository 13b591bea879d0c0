/** A campaign: one bulk run of one action over one source. */

import type { FinalState, SkipReason } from '../jobs/outcome.ts';
import type { PassAction } from '../jobs/pass-job.ts';
import type { CampaignAction } from './campaign-action.ts';
import type { Guards } from './safeguards/guards.ts';

/** `track` forwards Passmachine's events to Bloomreach and makes no calls to Passmachine. */
export type CampaignWork = CampaignAction | 'track';

const passActions: Readonly<Record<CampaignAction, PassAction>> = {
  issue: 'create',
  reissue: 'create',
  update: 'update',
  notify: 'notify',
};

/** Returns the call to Passmachine that a campaign makes for each customer. Throws for `track`, which makes none. */
export function passActionOf(action: CampaignWork): PassAction {
  if (action === 'track') throw new Error('track makes no calls to Passmachine');
  return passActions[action];
}

/**
 * `planned`: starts at a time. `held`: waits for an operator's decision, after a canary, in a restored store, or because its
 * time has passed. Only a `running` campaign sends.
 */
export type CampaignStatus = 'planned' | 'running' | 'held' | 'paused' | 'stopped' | 'finished';

/** A status in which nothing is sent and from which the campaign can be resumed. */
export type HaltedStatus = 'held' | 'paused' | 'stopped';

/** Who or what halted a campaign, and why. */
export interface Halt {
  /**
   * `operator`: an operator or a schedule did. Resuming accepts the cause: after `bad-rows` bad rows are
   * rejected, after `failures` the share of failures is counted from zero. `restored`: the store went back in
   * time, see `restored.ts`. `late`: it could not start within the given time.
   */
  kind: 'operator' | 'canary' | 'failures' | 'bad-rows' | 'source' | 'program' | 'restored' | 'late';
  /** Shown to operators; may be empty if one of them gave none. */
  reason: string;
  by: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** Why the rows of a running campaign are not read at present. Reading is retried until it succeeds. */
export interface FeedProblem {
  /** Message of the last error. */
  reason: string;
  /** When the first attempt failed, ms since 1970. */
  since: number;
  /** Failed attempts in a row. */
  attempts: number;
}

/** Where a campaign's customers come from. */
export type CampaignSource =
  | {
      kind: 'file';
      /** Absolute. */
      path: string;
      /** Name of the configured source that it was fetched from. */
      from?: string;
      /** Size and modification time at the start: another file at the same path is not read. */
      fingerprint: { size: number; mtimeMs: number };
    }
  /** One by one from webhook requests of one day; such a campaign is never fed and never finished. */
  | { kind: 'webhooks' };

/** Encodings that a source may be started with, because an operator has confirmed how its names look. */
export type SourceEncoding = 'windows-1250' | 'iso-8859-2' | 'windows-1252' | 'utf-16';

/** What a campaign was started with; fixed from then on. */
export interface CampaignOrder {
  id: string;
  program: string;
  /** Version of the program at the start; absent if each job uses the version at the time it is sent. */
  programVersion?: string;
  action: CampaignWork;
  source: CampaignSource;
  /** Rows of the source, if the check of its first rows reached the end; see {@link Campaign.expected}. */
  expected?: number;
  createdAt: number;
  /** Name of the schedule that started it. */
  schedule?: string;
  /** A test send: it reaches a few customers of an export before a campaign. */
  isTest?: true;
  /** Rejects rows that cannot be read; otherwise the campaign pauses at the first. */
  skipBadRows?: true;
  /** Encoding of the source. Absent: UTF-8. */
  encoding?: SourceEncoding;
  /** Row count from which on results are written back by CSV imports. Absent: never. */
  importAbove?: number;
  /** Text of a notification. */
  text?: string;
  /** Milliseconds since 1970 at which it starts; absent: when it is created. */
  startAt?: number;
  /** How late it may start, ms. */
  startWindowMs?: number;
  /** Milliseconds since 1970 from which on nothing is sent. */
  useBy?: number;
  guards?: Guards;
  /** Condition on customers: one Jinja expression. */
  where?: string;
}

/**
 * `rows = done + skipped + rejected + failed + unknown + stopped + pending`, at every moment.
 * `stopped` counts the unsent rows of a stopped campaign; they are pending again when it is resumed.
 */
export type CampaignCounters = { rows: number; stopped: number; pending: number } & Record<
  FinalState,
  number
>;

/** Progress of the write-back. */
export interface WriteBackCounters {
  /** Cards to write back. */
  writeBacks: number;
  writtenBack: number;
  /** Write-backs given up on. */
  writeBackFailures: number;
}

/** A campaign with its state. */
export interface Campaign extends Omit<CampaignOrder, 'expected'>, CampaignCounters, WriteBackCounters {
  status: CampaignStatus;
  /** Present while it is held, paused or stopped. */
  halt?: Halt;
  feedProblem?: FeedProblem;
  /** Whether its canary, if it has one, was judged good or accepted by an operator. */
  canaryPassed: boolean;
  /** How often it was resumed. */
  resumes: number;
  /** Skipped rows by reason. */
  skippedFor: Partial<Record<SkipReason, number>>;
  /** All rows of its source; undefined until they are counted, which happens while it runs. */
  expected: number | undefined;
  /** Rows read so far. */
  read: number;
  /** Jobs made from the rows read so far. */
  jobs: number;
  /** Whether every row of the source was read. */
  fed: boolean;
  /** Jobs in the queue or in progress. */
  inQueue: number;
  /** Parked jobs: jobs that left the queue because the campaign was not running, until they are requeued. */
  parked: number;
}

/** A schedule starts campaigns by cron: its definition in the programs file, and the runs that follow from it. */

import type { SourceEncoding } from '../campaigns/campaign.ts';
import type { CampaignAction } from '../campaigns/campaign-action.ts';
import type { Guards } from '../campaigns/safeguards/guards.ts';
import type { Cron } from './cron.ts';

/** What happens to a run that is due before the last campaign has ended; held and paused campaigns have not. */
export const overlapRules = ['skip', 'queue', 'replace'] as const;

export type OverlapRule = (typeof overlapRules)[number];

/** What happens to runs whose start window has passed: one run for all of them, none, or an operator decides. */
export const missedRules = ['run-once', 'skip', 'ask'] as const;

export type MissedRule = (typeof missedRules)[number];

/** Where the customers of a run come from; each run reads the current file. */
export type ScheduleSource =
  | {
      kind: 'file';
      /** Absolute path of an export. */
      path: string;
    }
  /** A source of the programs file. */
  | { kind: 'named'; name: string };

export interface Schedule {
  /** Unique in the programs file; the ids of its campaigns begin with it. */
  name: string;
  program: string;
  action: CampaignAction;
  source: ScheduleSource;
  /** The cron expression as written. */
  expression: string;
  /** IANA name. */
  timeZone: string;
  cron: Cron;
  /** Text of a notification. */
  text?: string;
  /** Milliseconds after its start from which on a run sends nothing more. */
  useByMs?: number;
  guards?: Guards;
  /** Condition on customers, see {@link import('../campaigns/condition.ts').Condition}. */
  where?: string;
  skipBadRows?: true;
  /** Encoding of the source. Absent: UTF-8. */
  encoding?: SourceEncoding;
  overlap: OverlapRule;
  missed: MissedRule;
  /** Start window: a run that has not started this long after its due time counts as missed. */
  startWithinMs: number;
  /** As in the file; an operator's setting overrides it. */
  enabled: boolean;
}

/** Schedules by name, in the order of the file. */
export type Schedules = ReadonlyMap<string, Schedule>;

/** A run that was decided on and has not started. */
export interface DueRun {
  /** Id of the campaign that it becomes, see {@link runId}. */
  id: string;
  schedule: string;
  /** Milliseconds since 1970. */
  due: number;
  /** `missed`: its start window had passed. `manual`: an operator requested it. */
  cause: 'due' | 'missed' | 'manual';
  /** When it was decided on. */
  at: number;
  /** Number of earlier missed runs that it makes up for. */
  makesUpFor: number;
  /** The operator who requested it. */
  by?: string;
  /** Why it has not started yet: its source is incomplete, unreachable or being computed, or a problem of it. */
  note?: string;
}

/** The result of one run. */
export interface ScheduleRun {
  due: number;
  cause: DueRun['cause'];
  /** When the result was decided. */
  at: number;
  /** `missed`: no process was running to start it. `refused`: its source or program did not fit. */
  result: 'started' | 'skipped' | 'missed' | 'refused';
  campaign?: string;
  /** Shown to operators; absent if the run simply started. */
  note?: string;
}

/** Missed runs that an operator must decide on. */
export interface MissedRuns {
  /** At most {@link MAX_MISSED}, which then means that many or more. */
  count: number;
  /** Due times of the first and the last of them. */
  first: number;
  last: number;
}

/** An operator's setting that enables or disables a schedule. */
export interface ScheduleSwitch {
  enabled: boolean;
  by: string;
  /** Milliseconds since 1970. */
  at: number;
  reason: string;
}

/** Missed runs are counted up to this number. */
export const MAX_MISSED = 1000;

/** Returns the id of a run's campaign, e.g. `nightly-20270328T013000Z`: the same in every process. */
export function runId(schedule: string, due: number): string {
  return `${schedule}-${new Date(due).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '')}`;
}

/** Returns what due times follow from. If it changes, due times count from the change on. */
export function timingOf({ expression, timeZone, enabled }: Schedule): string {
  return `${expression} ${timeZone}${enabled ? '' : ' off'}`;
}

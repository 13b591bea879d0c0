/** A schedule starts campaigns by cron. What the programs file says of it, and what became of it so far. */

import type { CampaignAction } from '../campaigns/campaign.ts';
import type { Cron } from './cron.ts';
import type { Guards } from '../campaigns/guards.ts';

/** What happens when a run is due and the one before has not ended: held and paused ones have not. */
export const overlapRules = ['skip', 'queue', 'replace'] as const;

export type OverlapRule = (typeof overlapRules)[number];

/** What happens to runs whose start window passed while nothing ran: one for all of them, none, or what a person says. */
export const missedRules = ['run-once', 'skip', 'ask'] as const;

export type MissedRule = (typeof missedRules)[number];

/** Where the customers of a run come from; each run reads what is there by then. */
export type ScheduleSource =
  | {
      kind: 'file';
      /** Absolute path of an export. */
      path: string;
    }
  /** One of the programs file's sources. */
  | { kind: 'named'; name: string };

export interface Schedule {
  /** Unique in the programs file; the ids of its campaigns begin with it. */
  name: string;
  program: string;
  action: CampaignAction;
  source: ScheduleSource;
  /** As it was written. */
  expression: string;
  /** IANA name. */
  timeZone: string;
  cron: Cron;
  /** What a notification says. */
  text?: string;
  /** How long after its start a run still sends. */
  useByMs?: number;
  guards?: Guards;
  /** Condition for a customer to be in it: see {@link import('../campaigns/condition.ts').Condition}. */
  where?: string;
  skipBadRows?: true;
  overlap: OverlapRule;
  missed: MissedRule;
  /** How long after its due time a run is still on time: then it is missed. */
  startWithinMs: number;
  /** What the file says; an operator's word is above it. */
  enabled: boolean;
}

/** Schedules by name, in the order of the file. */
export type Schedules = ReadonlyMap<string, Schedule>;

/** One run that was decided on and has not begun. */
export interface DueRun {
  /** Of the campaign that it becomes; made of the schedule's name and the due time. */
  id: string;
  schedule: string;
  /** Milliseconds since 1970. */
  due: number;
  /** `missed`: its start window had passed. `asked`: by a person. */
  cause: 'due' | 'missed' | 'asked';
  /** When it was decided on. */
  at: number;
  /** Runs before it that were missed and that it stands for. */
  standsFor: number;
  /** Who asked. */
  by?: string;
  /** Why it has not begun, where somebody can do something about it. */
  note?: string;
}

/** What became of one run, for the list of runs. */
export interface ScheduleRun {
  due: number;
  cause: DueRun['cause'];
  /** When it was decided. */
  at: number;
  /** `waits`: for the one before to end. `missed`: nobody was there to start it. `refused`: its source or program did not fit. */
  result: 'started' | 'skipped' | 'missed' | 'refused';
  campaign?: string;
  /** For a person; present unless it started without ado. */
  note?: string;
}

/** Missed runs that wait for a person's word. */
export interface MissedRuns {
  /** At most {@link MOST_MISSED}, which then stands for more. */
  count: number;
  /** Due times of the first and the last of them. */
  first: number;
  last: number;
}

/** Who switched a schedule on or off. */
export interface ScheduleSwitch {
  enabled: boolean;
  by: string;
  /** Milliseconds since 1970. */
  at: number;
  reason: string;
}

/** Missed runs beyond this are not counted. */
export const MOST_MISSED = 1000;

/** The id of the campaign of a run, e.g. `nightly-20270328T013000Z`: the same for whoever makes it. */
export function runId(schedule: string, due: number): string {
  return `${schedule}-${new Date(due).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '')}`;
}

/** Tells whether due times were reckoned by the same words; where not, they are reckoned anew from then on. */
export function timingOf({ expression, timeZone, enabled }: Schedule): string {
  return `${expression} ${timeZone}${enabled ? '' : ' off'}`;
}

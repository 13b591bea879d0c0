/** A campaign as every stage and every operator sees it: one bulk run of one action over one source. */

import type { Guards } from './guards.ts';
import type { FinalState, SkipReason } from '../jobs/outcome.ts';
import type { PassAction } from '../jobs/pass-job.ts';

/**
 * `issue` makes cards for customers without one, `reissue` makes a new one in place of each, `update`
 * fills the cards there are with new data, and `notify` rings their phones with a text.
 */
export const campaignActions = ['issue', 'reissue', 'update', 'notify'] as const;

export type CampaignAction = (typeof campaignActions)[number];

/** `track`: events of Passmachine go on to Bloomreach, and nobody is called at Passmachine. */
export type WorkOfCampaign = CampaignAction | 'track';

const passActions: Readonly<Record<CampaignAction, PassAction>> = {
  issue: 'create',
  reissue: 'create',
  update: 'update',
  notify: 'notify',
};

/** What a campaign asks of Passmachine. Throws for `track`, which asks nothing. */
export function passActionOf(action: WorkOfCampaign): PassAction {
  if (action === 'track') throw new Error('events ask nothing of Passmachine');
  return passActions[action];
}

/** `held`: a guard waits for a person to look. Nothing is sent unless it is `running`. */
export type CampaignStatus = 'running' | 'held' | 'paused' | 'stopped' | 'finished';

/** A status that somebody or something put the campaign into; it can be resumed from each. */
export type HaltedStatus = 'held' | 'paused' | 'stopped';

/** Who or what halted a campaign, and why. */
export interface Halt {
  /** `asked`: by a person. Resuming takes what halted it as seen: bad rows are rejected, failures count anew. */
  kind: 'asked' | 'canary' | 'failures' | 'bad-rows' | 'source' | 'program';
  /** For a person; may be empty where a person did it. */
  reason: string;
  by: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** Where a campaign's customers come from. */
export type CampaignSource =
  | {
      kind: 'file';
      /** Absolute. */
      path: string;
      /** Name of the configured source that it was fetched from. */
      from?: string;
      /** Size and time of the file when the campaign started: another file under the same name is not read. */
      fingerprint: { size: number; mtimeMs: number };
    }
  /** One by one through the door, for a day; such a campaign is never fed and never finished. */
  | { kind: 'webhooks' };

/** What a campaign is asked to do; fixed when it starts. */
export interface CampaignOrder {
  id: string;
  program: string;
  /** What the program said when it started; absent where each of its jobs goes by what it says then. */
  programVersion?: string;
  action: WorkOfCampaign;
  source: CampaignSource;
  /** Rows of the source, where they could be counted at once; see {@link Campaign.expected}. */
  expected?: number;
  createdAt: number;
  /** Name of the schedule that started it. */
  schedule?: string;
  /** Rows that cannot be read are rejected one by one; otherwise the campaign pauses at the first. */
  skipBadRows?: true;
  /** Rows from which on what is written back goes home as CSV imports. Absent: never. */
  importAbove?: number;
  /** What a notification says. */
  text?: string;
  /** Milliseconds since 1970 from which on nothing is sent any more. */
  useBy?: number;
  guards?: Guards;
  /** Jinja: the condition for a customer to be in it. */
  where?: string;
}

/**
 * `rows = done + skipped + rejected + failed + unknown + stopped + pending`, at every moment.
 * `stopped` is what a stopped campaign leaves undone; it is pending again when it is resumed.
 */
export type CampaignCounters = { rows: number; stopped: number; pending: number } & Record<
  FinalState,
  number
>;

/** How far the write-back is: cards to save, saved, and given up on. */
export interface SaveCounters {
  saves: number;
  saved: number;
  unsaved: number;
}

/** A campaign with its state. */
export interface Campaign extends Omit<CampaignOrder, 'expected'>, CampaignCounters, SaveCounters {
  status: CampaignStatus;
  /** Present while it is held, paused or stopped. */
  halt?: Halt;
  /** Whether its canary, if it has one, needs no more looking at. */
  canaryPassed: boolean;
  /** How often it was resumed. */
  resumes: number;
  /** The skipped rows by reason. */
  skippedFor: Partial<Record<SkipReason, number>>;
  /** All rows of its source; undefined until they are counted, which goes on while it runs. */
  expected: number | undefined;
  /** Rows read so far. */
  read: number;
  /** Jobs made of the rows read so far. */
  people: number;
  /** Whether every row of the source was read. */
  fed: boolean;
  /** Jobs that are in the queue or being done. */
  inQueue: number;
  /** Jobs that are out of the queue until they are put back: see the ledger's parked jobs. */
  parked: number;
}

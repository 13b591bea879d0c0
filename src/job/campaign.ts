/** A campaign as every stage and every operator sees it: one bulk run of one action over one source. */

import type { FinalState, SkipReason } from './outcome.ts';
import type { PassAction } from './pass-job.ts';

/**
 * `issue` makes cards for customers without one, `reissue` makes a new one in place of each, `update`
 * fills the cards there are with new data, and `notify` rings their phones with a text.
 */
export const campaignActions = ['issue', 'reissue', 'update', 'notify'] as const;

export type CampaignAction = (typeof campaignActions)[number];

/** What each campaign action asks of Passmachine. */
export const passActionOf: Readonly<Record<CampaignAction, PassAction>> = {
  issue: 'create',
  reissue: 'create',
  update: 'update',
  notify: 'notify',
};

export type CampaignStatus = 'running' | 'held' | 'paused' | 'stopped' | 'finished';

/** What a campaign is asked to do; fixed when it starts. */
export interface CampaignOrder {
  id: string;
  program: string;
  action: CampaignAction;
  /** Absolute path of the file with its customers. */
  file: string;
  /** Size and time of the file when the campaign started: another file under the same name is not read. */
  fingerprint: { size: number; mtimeMs: number };
  /** Rows of the file as counted beforehand, for progress. */
  expected: number;
  createdAt: number;
  /** What a notification says. */
  text?: string;
  /** Milliseconds since 1970 from which on nothing is sent any more. */
  useBy?: number;
}

/** `rows = done + skipped + rejected + failed + unknown + stopped + pending`, at every moment. */
export type CampaignCounters = { rows: number; pending: number } & Record<FinalState, number>;

/** How far the write-back is: cards to save, saved, and given up on. */
export interface SaveCounters {
  saves: number;
  saved: number;
  unsaved: number;
}

/** A campaign with its state. */
export interface Campaign extends CampaignOrder, CampaignCounters, SaveCounters {
  status: CampaignStatus;
  /** The skipped rows by reason. */
  skippedFor: Partial<Record<SkipReason, number>>;
  /** Whether every row of the source was read. */
  fed: boolean;
}

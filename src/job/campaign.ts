/** A campaign as every stage and every operator sees it: one bulk run of one action over one source. */

import type { FinalState } from './outcome.ts';
import type { PassAction } from './pass-job.ts';

/** `issue` makes cards for customers without one; the others follow with their own sections. */
export const campaignActions = ['issue'] as const;

export type CampaignAction = (typeof campaignActions)[number];

/** What each campaign action asks of Passmachine. */
export const passActionOf: Readonly<Record<CampaignAction, PassAction>> = { issue: 'create' };

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
  /** Whether every row of the source was read. */
  fed: boolean;
}

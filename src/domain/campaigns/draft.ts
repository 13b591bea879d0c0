/** A campaign that somebody prepares in the dashboard: its customers are chosen, and nothing is sent yet. */

import type { CampaignAction } from './campaign.ts';
import type { TimeLeft } from './finish.ts';
import type { CardType } from '../jobs/program.ts';
import type { Preflight } from './preflight.ts';

export interface CampaignDraft {
  /** The campaign's id to be, so that starting it twice starts it once. */
  id: string;
  program: string;
  action: CampaignAction;
  by: string;
  /** Milliseconds since 1970. */
  at: number;
  /** What its customers are read from, for a person: a file's name, or a source's after an @. */
  from: string;
  customers:
    | { state: 'fetching' }
    | { state: 'refused'; why: string }
    /** `path`: on the disk of this server; `taken` marks a source's file as used once it starts. */
    | { state: 'ready'; path: string; taken?: { key: string; modifiedAt: number } };
  /** As it was filled in when it was last checked, so that nobody types it twice. */
  form?: DraftForm;
}

/** What the form asks for beyond the draft, as it was typed; empty fields are left out. */
export type DraftForm = Readonly<Record<string, string>>;

/** What would be sent, as far as the rows were looked at. */
export interface PreflightReport {
  card: CardType;
  preflight: Preflight;
  /** Whether every row was looked at; otherwise the numbers are of the first ones. */
  isWhole: boolean;
  /** How long the calls would take, before any was made. */
  takes: TimeLeft;
}

/** A program as the form offers it. */
export interface OfferedProgram {
  name: string;
  actions: readonly CampaignAction[];
}

/** A campaign that an operator prepares in the dashboard or through the API; nothing of it is sent yet. */

import type { CardType } from '../jobs/program.ts';
import type { CampaignAction } from './campaign-action.ts';
import type { TimeLeft } from './finish.ts';
import type { Preflight } from './preflight.ts';

/** `name`: of a configured source, or of an uploaded file on the user's disk. */
export interface DraftOrigin {
  kind: 'source' | 'upload';
  name: string;
}

/** Returns the origin of a draft for display, e.g. `@nightly` or `uploaded file export.csv`. */
export function describeOrigin({ kind, name }: DraftOrigin): string {
  return kind === 'source' ? `@${name}` : `uploaded file ${name}`;
}

export interface CampaignDraft {
  /** Becomes the campaign's id, so that starting the draft twice starts one campaign. */
  id: string;
  program: string;
  action: CampaignAction;
  by: string;
  /** Milliseconds since 1970. */
  at: number;
  /** Where the customers come from. The name of an upload is the user's, so it may look like that of a source. */
  from: DraftOrigin;
  customers:
    | { state: 'fetching' }
    | { state: 'failed'; reason: string }
    /**
     * `path`: on this server's disk; `upload`: its id, if it was uploaded; `taken`: the source's file that the campaign
     * takes when it starts.
     */
    | { state: 'ready'; path: string; upload?: string; taken?: { key: string; modifiedAt: number } };
  /** Whether the program shows a text with this action, so that the form has a field for it. */
  showsText: boolean;
  /** The form as it was last checked; it is filled in again when the page is reopened. */
  form?: DraftForm;
}

/** Campaign options by key, as text; a ticked box is `on`. Blank fields count as absent. */
export type DraftForm = Readonly<Record<string, string>>;

/** What would be sent, by the rows checked so far. */
export interface PreflightReport {
  card: CardType;
  preflight: Preflight;
  /** Whether every row was checked; otherwise the numbers are of the first rows. */
  isComplete: boolean;
  /** Expected duration of the calls. */
  duration: TimeLeft;
}

/** A program that a campaign can be started with. */
export interface OfferedProgram {
  name: string;
  actions: readonly CampaignAction[];
}

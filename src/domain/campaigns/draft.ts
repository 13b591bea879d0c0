/** A campaign that an operator prepares in the dashboard or through the API; nothing of it is sent yet. */

import type { CardProgram } from '../cards/card-face.ts';
import type { CardVariables } from '../cards/card-variables.ts';
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
  /** The form as it was last sent for review; it is filled in again when the page is reopened. */
  form?: DraftForm;
}

/** Campaign options by key, as text; a ticked box is `on`. Blank fields count as absent. */
export type DraftForm = Readonly<Record<string, string>>;

/** What would be sent, by the rows that were checked: all for a review, the first for a preview. */
export interface PreflightReport {
  program: CardProgram;
  preflight: Preflight;
  /** Expected duration of the calls. */
  duration: TimeLeft;
  /** When they begin, ms since 1970. */
  from: number;
  /** Whether the campaign pauses at the first row that cannot be read. */
  pausesAtBadRow: boolean;
}

/** The card of one of the first customers of a draft. */
export interface AudienceCard {
  program: CardProgram;
  /** From 1; of the customers who would be sent something. */
  number: number;
  /** Number of such customers among the first rows. */
  count: number;
  /** Row of the file. */
  row: number;
  /** All variables of the card after the campaign; only the changed ones if the file lacks the columns of the others. */
  variables: CardVariables;
}

/** The check of all rows of a draft as it is filled in; a `started` draft has become a campaign. */
export type DraftReview<Report = PreflightReport> =
  | { state: 'counting'; rows: number }
  | { state: 'ready'; report: Report }
  | { state: 'started' };

/** A program that a campaign can be started with. */
export interface OfferedProgram {
  name: string;
  actions: readonly CampaignAction[];
}

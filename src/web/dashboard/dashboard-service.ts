/** Ports of the dashboard and its API: what they read and change. The services implement them. */

import type { AuditPage, AuditQuery } from '../../domain/operators/audit-entry.ts';
import type {
  BulkActionOrder,
  BulkFilter,
  ExcludedFailure,
  BulkAction,
} from '../../domain/failures/bulk-action.ts';
import type { Campaign } from '../../domain/campaigns/campaign.ts';
import type { CampaignAction } from '../../domain/campaigns/campaign-action.ts';
import type { CardLogo } from '../../domain/cards/card-design.ts';
import type {
  AudienceCard,
  CampaignDraft,
  DraftForm,
  DraftReview,
  OfferedProgram,
  PreflightReport,
} from '../../domain/campaigns/draft.ts';
import type { EditRule, RulePreview } from '../../domain/failures/edit-rule.ts';
import type { Resolution, ResolutionReport } from '../../domain/failures/resolution.ts';
import type { FailedJob } from '../../domain/failures/failed.ts';
import type {
  FailureExample,
  FailureGroup,
  FailuresPage,
  FoundFailure,
} from '../../domain/failures/failure-group.ts';
import type { FailureCount } from '../../domain/failures/failure.ts';
import type { LimitOverrides } from '../../domain/campaigns/limits.ts';
import type { Attention } from '../../domain/monitoring/attention.ts';
import type { JobDiagnostics, QueueDiagnostics } from '../../domain/monitoring/diagnostics.ts';
import type { Health } from '../../domain/monitoring/health.ts';
import type { CampaignOverview, Overview } from '../../domain/monitoring/overview.ts';
import type { CampaignWait } from '../../domain/monitoring/wait-reason.ts';
import type { CustomerTimeline } from '../../domain/customers/timeline.ts';
import type { RowResultState } from '../../domain/campaigns/source-row.ts';
import type { UploadService } from './drafts/upload-service.ts';
import type { ScheduleView } from '../../domain/schedules/schedule-view.ts';
import type { CsvFlavor } from '../../kit/text/csv-lines.ts';

/** Who performs an action, how, and why; goes into the audit log. */
export interface ActionContext {
  /** Name of the operator. */
  by: string;
  via: 'dashboard' | 'api';
  /** May be empty. */
  reason: string;
}

export interface CampaignService {
  /** Newest first. */
  list(page: { offset: number; limit: number }): Promise<Campaign[]>;
  find(id: string): Promise<Campaign | undefined>;
  /** Resolves with an empty object if there are too few samples. */
  throughput(campaign: Campaign): Promise<Pick<CampaignOverview, 'perSecond' | 'finish'>>;
  /** Returns why these campaigns do not move, the reason to fix first at the front. */
  waits(campaigns: readonly Campaign[]): Promise<CampaignWait[]>;
  /** Whether its program has changed since it started. */
  isOutdated(campaign: Campaign): boolean;
  /** Causes of failure, most frequent first. */
  failures(id: string): Promise<FailureCount[]>;
  /** These throw a `UserError`. */
  pause(id: string, context: ActionContext): Promise<void>;
  resume(id: string, context: ActionContext): Promise<void>;
  /** Resumes with the current version of its program. */
  resumeLatest(id: string, context: ActionContext): Promise<void>;
  stop(id: string, context: ActionContext): Promise<void>;
  /** Changes when a planned campaign starts. `time`: ISO 8601; without an offset it is in TIME_ZONE. */
  reschedule(id: string, time: string, context: ActionContext): Promise<void>;
  /** Opens the rows in these states, as lines of CSV or JSON Lines. Throws a `UserError`, and so do the lines. */
  results(
    id: string,
    states: readonly RowResultState[],
    flavor: CsvFlavor,
  ): Promise<{ format: 'csv' | 'jsonl'; lines: AsyncGenerator<string> }>;
}

export interface ScheduleService {
  list(): Promise<ScheduleView[]>;
  /** These throw a `UserError`. Resolves with the campaign that was started, or that must finish first. */
  run(name: string, context: ActionContext): Promise<{ kind: 'started' | 'waits'; campaign: string }>;
  skipMissed(name: string, context: ActionContext): Promise<void>;
  switch(name: string, enabled: boolean, context: ActionContext): Promise<void>;
}

export interface CustomerService {
  /** Finds customers by e-mail, customer id, card id or job id; undefined if CUSTOMER_INDEX is off. */
  find(text: string): Promise<CustomerTimeline[] | undefined>;
}

/** A new campaign over the customers of a source or of an uploaded file. */
export interface DraftRequest {
  program: string;
  action: CampaignAction;
  /** Name of a source; empty if a file was uploaded. */
  source: string;
  /** `name`: the file's name on the user's disk. */
  upload?: { id: string; name: string };
}

/** What previews of cards need. */
export interface CardService {
  /** The logo of a program's preview; undefined if it has none that can be shown. */
  logo(program: string): Promise<CardLogo | undefined>;
}

export interface DraftService {
  offered(): Promise<{ programs: OfferedProgram[]; sources: string[] }>;
  /** All but `find` throw a `UserError`. Resolves with the draft's id while a source is still being fetched. */
  create(request: DraftRequest, context: ActionContext): Promise<string>;
  find(id: string): Promise<CampaignDraft | undefined>;
  /** Checks the first rows, for a quick preview. */
  preview(draft: CampaignDraft, form: DraftForm): Promise<PreflightReport>;
  /**
   * Renders the card of one of the first customers, by its number from 1; undefined if there is none. Throws a
   * `UserError` if the form or the file has a problem.
   */
  card(draft: CampaignDraft, form: DraftForm, number: number): Promise<AudienceCard | undefined>;
  /** Stores the form in the draft, valid or not, and checks it as the start does. Resolves with the changed draft. */
  fillIn(draft: CampaignDraft, form: DraftForm): Promise<CampaignDraft>;
  /** Checks all rows with the stored form, in the background if that takes longer than a second. */
  review(draft: CampaignDraft): Promise<DraftReview>;
  /** Sends the draft to these customers of its export, by customer or card id; resolves with the id of the test send. */
  test(draft: CampaignDraft, form: DraftForm, to: readonly string[], context: ActionContext): Promise<string>;
  /** Starts the campaign under the draft's id; a second start has no effect. */
  start(draft: CampaignDraft, form: DraftForm, context: ActionContext): Promise<void>;
}

export interface FailureService {
  /** Groups failures by cause, most frequent first. `code`: a failure code or the id of one cause. */
  groups(selection: { campaign?: string | undefined; code?: string | undefined }): Promise<FailureGroup[]>;
  /** Up to 100 failures of one cause. `after`: `next` of the previous page. */
  page(of: { cause: string; campaign?: string | undefined }, after?: string): Promise<FailuresPage>;
  /** Adds the request body of a failure. */
  example(found: FoundFailure): Promise<FailureExample>;
  /** Starts a bulk action on all matching failures up to now; resolves with its id without waiting for it. */
  order(
    request: Pick<BulkActionOrder, 'kind' | 'filter' | 'rule'> & {
      /** Confirms that customers who have a card may get a second one; refused without, if they may. */
      acceptSecondCards?: boolean;
    },
    context: ActionContext,
  ): Promise<string>;
  /** Applies a rule to up to five matching failures without changing them. */
  preview(filter: BulkFilter, rule: EditRule): Promise<RulePreview>;
  /** Undefined if the failure was retried or discarded. */
  failedJob(of: { cause: string; campaign: string; job: string }): Promise<FailedJob | undefined>;
  /** Ends unknown creates with their cards, or creates the cards again. Throws a `UserError` for too many lines. */
  resolve(
    resolutions: readonly Resolution[],
    options: { createAgain: boolean; dryRun: boolean },
    context: ActionContext,
  ): Promise<ResolutionReport>;
  /** Parses a CSV of resolutions. Throws a `UserError` if it is none. */
  parseResolutions(text: string): Resolution[];
  /** Newest first. */
  bulkActions(): Promise<BulkAction[]>;
  bulkAction(id: string): Promise<BulkAction | undefined>;
  /** The first 1,000 failures that the bulk action excluded. */
  excluded(id: string): Promise<ExcludedFailure[]>;
  /** Cancels what remains; what is done stays done. */
  cancel(id: string, context: ActionContext): Promise<void>;
}

export interface OverviewService {
  read(): Promise<Overview>;
  /** These throw a `UserError` for a limit above the configured one. */
  setLimits(limits: LimitOverrides, context: ActionContext): Promise<void>;
  resetLimits(context: ActionContext): Promise<void>;
  /** Opens the 429 gate. */
  openGate(context: ActionContext): Promise<void>;
}

export interface AttentionService {
  /** A result may be a few seconds old: all viewers share it. */
  read(): Promise<Attention>;
}

export interface AuditService {
  /** Newest first. */
  page(query: AuditQuery): Promise<AuditPage>;
}

export interface DiagnosticsService {
  queues(): Promise<QueueDiagnostics[]>;
  /** `id`: of a BullMQ job, or of a pass job. */
  findJob(id: string): Promise<JobDiagnostics | undefined>;
}

export interface DashboardService {
  /** Whether cards and notifications are sent, and if not, why. Resolves within about a second, also while Redis is away. */
  health(): Promise<Health>;
  overview: OverviewService;
  attention: AttentionService;
  audit: AuditService;
  failures: FailureService;
  drafts: DraftService;
  cards: CardService;
  uploads: UploadService;
  campaigns: CampaignService;
  schedules: ScheduleService;
  customers: CustomerService;
  diagnostics: DiagnosticsService;
}

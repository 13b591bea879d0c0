/** What the dashboard and its API can see and do: ports, in the words of jobs, which the app fills. */

import type { AuditPage, AuditQuery } from '../../domain/operators/audit-entry.ts';
import type { BulkActionOrder, BulkFilter, LeftOut, BulkAction } from '../../domain/failures/bulk-action.ts';
import type { Campaign, CampaignAction } from '../../domain/campaigns/campaign.ts';
import type {
  CampaignDraft,
  DraftForm,
  OfferedProgram,
  PreflightReport,
} from '../../domain/campaigns/draft.ts';
import type { EditRule, RulePreview } from '../../domain/failures/edit-rule.ts';
import type { FailedJob } from '../../domain/failures/failed.ts';
import type {
  FailureExample,
  FailureGroup,
  FailuresPage,
  FoundFailure,
} from '../../domain/failures/failure-group.ts';
import type { FailureCount } from '../../domain/failures/failure.ts';
import type { LimitsByHand } from '../../domain/campaigns/limits.ts';
import type { CampaignNow, Now } from '../../domain/monitoring/overview.ts';
import type { CustomerTimeline } from '../../domain/customers/timeline.ts';
import type { RowResultState } from '../../domain/campaigns/row-result.ts';
import type { ScheduleView } from '../../domain/schedules/schedule-view.ts';

/** Who does something, by what way, and why. */
export interface ActionContext {
  by: string;
  via: 'dashboard' | 'api';
  /** May be empty. */
  reason: string;
}

export interface CampaignService {
  /** Newest first. */
  list(page: { offset: number; limit: number }): Promise<Campaign[]>;
  find(id: string): Promise<Campaign | undefined>;
  /** Empty while it cannot be told. */
  throughput(campaign: Campaign): Promise<Pick<CampaignNow, 'perSecond' | 'finish'>>;
  /** Whether the programs file says something else of its program by now. */
  isOutdated(campaign: Campaign): boolean;
  /** By cause, most frequent first. */
  failures(id: string): Promise<FailureCount[]>;
  /** Each throws an `UserError`. */
  pause(id: string, act: ActionContext): Promise<void>;
  resume(id: string, act: ActionContext): Promise<void>;
  /** The same, by what the programs file says of its program now. */
  resumeLatest(id: string, act: ActionContext): Promise<void>;
  stop(id: string, act: ActionContext): Promise<void>;
  /** Header and rows of what is not done, as CSV cells. Throws an `UserError`. */
  results(id: string, states: readonly RowResultState[]): AsyncIterable<readonly string[]>;
}

export interface ScheduleDesk {
  /** Null where this process has no schedules to show. */
  list(): Promise<ScheduleView[]>;
  /** Each throws an `UserError`. Resolves with the campaign that was started or that is waited for. */
  run(name: string, act: ActionContext): Promise<{ kind: 'started' | 'waits'; campaign: string }>;
  skipMissed(name: string, act: ActionContext): Promise<void>;
  switch(name: string, enabled: boolean, act: ActionContext): Promise<void>;
}

export interface CustomerService {
  /** Customers whose e-mail, id, card id or job id it is; undefined where none is kept. */
  find(text: string): Promise<CustomerTimeline[] | undefined>;
}

/** Whose customers a new campaign is for: a source's, or those of an uploaded file. */
export interface DraftRequest {
  program: string;
  action: CampaignAction;
  /** Name of a source, where nothing was uploaded. */
  source: string;
  /** `name` as it was on the disk it came from. */
  upload?: { id: string; name: string };
}

export interface DraftService {
  offered(): Promise<{ programs: OfferedProgram[]; sources: string[] }>;
  /** Each but `find` throws an `UserError`. Resolves with the draft's id; a source is fetched meanwhile. */
  create(wish: DraftRequest, act: ActionContext): Promise<string>;
  find(id: string): Promise<CampaignDraft | undefined>;
  /** A quick look at the first rows, for a preview. */
  look(draft: CampaignDraft, form: DraftForm): Promise<PreflightReport>;
  /** A look at all rows, up to 200,000; the draft keeps the form. */
  check(draft: CampaignDraft, form: DraftForm): Promise<PreflightReport>;
  /** Starts it under the draft's id; started twice it runs once. */
  start(draft: CampaignDraft, form: DraftForm, act: ActionContext): Promise<void>;
}

export interface FailureService {
  /** By cause, most frequent first; `code` may be that of some causes, or one cause's id. */
  groups(selection: { campaign?: string | undefined; code?: string | undefined }): Promise<FailureGroup[]>;
  /** Up to 100 of one cause; `after` is what the page before said of the next. */
  page(of: { cause: string; campaign?: string | undefined }, after?: string): Promise<FailuresPage>;
  /** With what is sent for it. */
  example(found: FoundFailure): Promise<FailureExample>;
  /** Has it done to all that failed by now; resolves with the receipt's id at once. */
  order(wish: Pick<BulkActionOrder, 'kind' | 'filter' | 'rule'>, act: ActionContext): Promise<string>;
  /** What a rule would do to up to five of those that are meant. */
  preview(filter: BulkFilter, rule: EditRule): Promise<RulePreview>;
  /** Undefined where it is no failure any more. */
  failedJob(of: { cause: string; campaign: string; job: string }): Promise<FailedJob | undefined>;
  /** Newest first. */
  bulkActions(): Promise<BulkAction[]>;
  bulkAction(id: string): Promise<BulkAction | undefined>;
  /** The first 1,000 that an act left as they are. */
  leftOut(id: string): Promise<LeftOut[]>;
  /** What was done by then stands. */
  cancel(id: string, act: ActionContext): Promise<void>;
}

export interface OverviewService {
  now(): Promise<Now>;
  /** Both throw an `UserError` above what is configured. */
  setLimits(limits: LimitsByHand, act: ActionContext): Promise<void>;
  resetLimits(act: ActionContext): Promise<void>;
}

export interface AuditService {
  /** Newest first. */
  page(query: AuditQuery): Promise<AuditPage>;
}

export interface DashboardService {
  now: OverviewService;
  audit: AuditService;
  failures: FailureService;
  drafts: DraftService;
  campaigns: CampaignService;
  schedules: ScheduleDesk;
  people: CustomerService;
}

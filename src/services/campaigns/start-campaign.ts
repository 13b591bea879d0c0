/**
 * Starts campaigns for the command line, the dashboard, the API and schedules. A campaign and its claim to
 * the file are created in one step, so a crash at any moment, or two starts at once, leave one campaign per
 * file: before that step nothing has happened, and after it `reconcile.ts` starts and feeds the campaign.
 */

import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import type { Json, Program } from '../../domain/jobs/program.ts';
import type { DueRun } from '../../domain/schedules/schedule.ts';
import { UserError } from '../../kit/user-error.ts';
import type { CampaignCreation } from '../../ledger/campaigns/campaign-ledger.ts';
import type { RunBasis, RunStart } from '../../ledger/campaigns/schedules.ts';
import type { TakeFile } from '../../ledger/campaigns/taken-files.ts';
import { audited } from '../operators/audit.ts';
import type { Stores } from '../stores.ts';
import type { ActionContext } from './control.ts';

export interface StartRequest {
  /** From `prepareCampaign`. */
  order: CampaignOrder;
  program: Program;
  /** The file of a source that the campaign is started with; absent for a path or an upload. */
  take?: TakeFile | undefined;
  startedBy:
    | { kind: 'operator'; context: ActionContext }
    /** `beforeFeed` runs after the campaign exists and before its rows are read. */
    | { kind: 'schedule'; dueRun: DueRun; basis: RunBasis; beforeFeed: () => Promise<void> };
}

export type StartStores = Pick<
  Stores,
  'audit' | 'campaigns' | 'campaignQueue' | 'programVersions' | 'schedules'
>;

/**
 * Starts a campaign; a feeder and a worker, wherever they run, do the rest. Starting an existing campaign
 * again changes nothing. Returns `gone` or `changed` if another process has handled the due run. Throws a
 * {@link UserError} if another campaign has taken the file.
 */
export async function startCampaign(
  stores: StartStores,
  request: StartRequest,
): Promise<'started' | 'gone' | 'changed'> {
  const { order, startedBy } = request;
  if (startedBy.kind === 'schedule') return createAndFeed(stores, request);
  // A second click is no second action.
  if ((await stores.campaigns.find(order.id)) !== undefined) return createAndFeed(stores, request);
  return audited(
    stores,
    { ...startedBy.context, action: 'campaign.start', target: order.id, after: auditedFields(order) },
    () => createAndFeed(stores, request),
  );
}

async function createAndFeed(
  stores: StartStores,
  request: StartRequest,
): Promise<'started' | 'gone' | 'changed'> {
  const { order, program, startedBy } = request;
  // The campaign refers to this version, so it must be stored first.
  await stores.programVersions.save(program);
  const created = await create(stores, request);
  if (created.kind === 'gone' || created.kind === 'changed') return created.kind;
  if (created.kind === 'taken') throw alreadyTaken(request, created.by);
  if (startedBy.kind === 'schedule') await startedBy.beforeFeed();
  if (order.startAt === undefined) await stores.campaignQueue.addFeed(order.id, 0);
  return 'started';
}

function create(
  { campaigns, schedules }: StartStores,
  { order, take, startedBy }: StartRequest,
): Promise<CampaignCreation | RunStart> {
  return startedBy.kind === 'schedule'
    ? schedules.start(startedBy.dueRun, order, startedBy.basis, take)
    : campaigns.create(order, take);
}

function alreadyTaken({ take }: StartRequest, by: string): UserError {
  return new UserError(
    'SOURCE_EMPTY',
    `@${take?.source}: ${by} has already taken this file or a newer one, so nothing was started. To use it once more: --again on the command line.`,
  );
}

/** Leaves out the condition, which may name a customer. */
function auditedFields({
  program,
  action,
  source,
  expected,
  text,
  startAt,
  useBy,
  guards,
  isTest,
}: CampaignOrder): Json {
  return {
    program,
    action,
    ...(source.kind === 'file' && { source: source.from === undefined ? source.path : `@${source.from}` }),
    ...(isTest === true && { test: true }),
    ...(expected !== undefined && { rows: expected }),
    ...(text !== undefined && { text }),
    ...(startAt !== undefined && { startAt: new Date(startAt).toISOString() }),
    ...(useBy !== undefined && { useBy: new Date(useBy).toISOString() }),
    ...(guards !== undefined && { guards: guards as Json }),
  };
}

/** Pauses, resumes, stops and reschedules campaigns for the command line, the dashboard, the API and schedules. */

import type { Campaign, CampaignStatus, Halt, HaltedStatus } from '../../domain/campaigns/campaign.ts';
import { parseInstant } from '../../domain/campaigns/options/option-values.ts';
import type { Program } from '../../domain/jobs/program.ts';
import type { AuditEntry } from '../../domain/operators/audit-entry.ts';
import { systemClock } from '../../kit/clock.ts';
import { UserError } from '../../kit/user-error.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import { audited } from '../operators/audit.ts';
import type { Stores } from '../stores.ts';
import { refusePastStart } from './campaign-request.ts';

/** Who changes something, over which way, and why. It goes into the audit and is shown with the change. */
export type ActionContext = Pick<AuditEntry, 'by' | 'via' | 'reason'>;

/** What an operator can halt a campaign to; only a canary makes it `held`. */
type RequestedStatus = Exclude<HaltedStatus, 'held'>;

/**
 * Pauses or stops a campaign: from now on nothing of it is sent, except for calls in flight. Repeating it
 * changes nothing. Throws a {@link UserError} if the campaign has finished.
 */
export async function haltCampaign(
  stores: Stores,
  id: string,
  to: RequestedStatus,
  context: ActionContext,
): Promise<Campaign> {
  const { status } = await mustExist(stores.campaigns.find(id), id);
  refuseHalt(status, id, to);
  // A halted campaign can only be stopped.
  const after = { status: status === 'running' || to === 'stopped' ? to : status };
  const action = `campaign.${to === 'paused' ? 'pause' : 'stop'}` as const;
  return audited(stores, { ...context, action, target: id, before: { status }, after }, () =>
    haltWithoutAudit(stores, id, to, context),
  );
}

/** Halts a campaign as {@link haltCampaign} does, as a consequence of something else than an operator's action. */
export async function haltWithoutAudit(
  { campaigns, campaignQueue, campaignSwitch }: Stores,
  id: string,
  to: RequestedStatus,
  { by, reason }: Pick<Halt, 'by' | 'reason'>,
): Promise<Campaign> {
  const why: Halt = { kind: 'operator', at: systemClock(), by, reason };
  refuseHalt(await campaignSwitch.halt(id, to, why), id, to);
  const campaign = await mustExist(campaigns.find(id), id);
  if (to === 'stopped') await campaignQueue.addClear(id, campaign.resumes);
  return campaign;
}

/**
 * Resumes a held, paused or stopped campaign where it left off, or starts a planned one now. With `latest` it uses this version of its
 * program from now on. Throws a {@link UserError} if the campaign has finished.
 */
export async function resumeCampaign(
  stores: Stores,
  id: string,
  context: ActionContext,
  latest?: Program,
): Promise<Campaign> {
  const { campaigns, campaignQueue, campaignSwitch, programVersions } = stores;
  const found = await mustExist(campaigns.find(id), id);
  const { status, programVersion: before } = found;
  refuseResume(status, id);
  await refuseUnreconciled(stores, found);
  // A campaign of webhooks has no fixed version.
  const version = before === undefined ? undefined : latest?.version;
  const change = {
    target: id,
    before: { status, ...(version !== undefined && { program: before ?? '' }) },
    after: { status: 'running', ...(version !== undefined && { program: version }) },
  };
  return audited(stores, { ...context, action: 'campaign.resume', ...change }, async () => {
    if (latest !== undefined && version !== undefined) {
      await programVersions.save(latest);
      await campaigns.useProgram(id, version);
    }
    refuseResume(await campaignSwitch.resume(id), id);
    const campaign = await mustExist(campaigns.find(id), id);
    await campaignQueue.addFeed(id, campaign.resumes);
    return campaign;
  });
}

/**
 * Changes when a planned campaign starts, to a time in the future. `timeZone` is that of a time without an offset. Throws
 * a {@link UserError}.
 */
export async function rescheduleCampaign(
  stores: Stores,
  id: string,
  { time, timeZone }: { time: string; timeZone: string },
  context: ActionContext,
): Promise<Campaign> {
  const startAt = parseStart(time, timeZone);
  const { campaigns, campaignSwitch } = stores;
  const { status, startAt: before = 0, useBy } = await mustExist(campaigns.find(id), id);
  refuseUnplanned(status, id);
  refusePastStart(startAt, 'The time');
  refuseUnless(
    useBy === undefined || startAt < useBy,
    `${id} sends nothing after ${isoTime(useBy ?? 0)}, so it must start before that.`,
  );
  const change = { before: { startAt: isoTime(before) }, after: { startAt: isoTime(startAt) } };
  return audited(stores, { ...context, action: 'campaign.reschedule', target: id, ...change }, async () => {
    refuseUnplanned(await campaignSwitch.reschedule(id, startAt), id);
    return mustExist(campaigns.find(id), id);
  });
}

function parseStart(time: string, timeZone: string): number {
  const parsed = parseInstant(time, timeZone);
  if (parsed.ok) return parsed.at;
  throw new UserError('INVALID_REQUEST', `“${time}” ${parsed.problem}.`);
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** Returns a campaign's program as it is in the file now. Throws a {@link UserError} if the file no longer has it. */
export async function programNow(
  { campaigns }: Pick<Stores, 'campaigns'>,
  { programs }: Pick<ProgramsFile, 'programs'>,
  id: string,
): Promise<Program> {
  const { program: name } = await mustExist(campaigns.find(id), id);
  const program = programs.get(name);
  if (program !== undefined) return program;
  throw new UserError(
    'WRONG_STATUS',
    `The programs file no longer has the program ${name} of ${id}. Restore it, or resume without the latest program.`,
  );
}

async function mustExist(found: Promise<Campaign | undefined>, id: string): Promise<Campaign> {
  const campaign = await found;
  if (campaign !== undefined) return campaign;
  throw new UserError(
    'WRONG_STATUS',
    `There is no campaign ${id}. \`passbridge status\` lists the campaigns.`,
  );
}

function refuseUnplanned(status: CampaignStatus | undefined, id: string): void {
  refuseUnless(
    status === 'planned',
    `${id} is ${status}: only the start of a planned campaign can be changed.`,
  );
}

function refuseHalt(status: CampaignStatus | undefined, id: string, to: RequestedStatus): void {
  refuseUnless(status !== 'finished', `${id} has finished: nothing is left to be ${to}.`);
  refuseUnless(
    to !== 'paused' || status !== 'planned',
    `${id} has not started. To cancel it: \`passbridge stop ${id}\`.`,
  );
  refuseUnless(
    to !== 'paused' || status !== 'stopped',
    `${id} is stopped. To run it again: \`passbridge resume ${id}\`.`,
  );
}

function refuseResume(status: CampaignStatus | undefined, id: string): void {
  refuseUnless(status !== 'finished', `${id} has finished: nothing is left to be resumed.`);
}

/** In a restored store, a campaign would make the cards again that were made after the backup. */
async function refuseUnreconciled(
  { storeNotice }: Pick<Stores, 'storeNotice'>,
  { id, program, action }: Campaign,
): Promise<void> {
  if (action !== 'issue' && action !== 'reissue') return;
  const open = await storeNotice.find();
  refuseUnless(
    open === undefined || open.reconciled.has(program),
    `The store of ${id} was restored, so it does not know the latest cards. Run passbridge reconcile ${program} EXPORT with a new export of the customers first, or passbridge reconcile ${program} --accept to risk second cards.`,
  );
}

function refuseUnless(condition: boolean, message: string): void {
  if (!condition) throw new UserError('WRONG_STATUS', message);
}

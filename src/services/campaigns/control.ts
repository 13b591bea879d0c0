/** Pausing, resuming and stopping a campaign, from wherever a person does it. */

import { UserError } from '../../kit/user-error.ts';
import { userInfo } from 'node:os';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { AuditEntry } from '../../domain/operators/audit-entry.ts';
import type { Campaign, CampaignStatus, Halt, HaltedStatus } from '../../domain/campaigns/campaign.ts';
import type { Program } from '../../domain/jobs/program.ts';
import { systemClock } from '../../kit/clock.ts';
import { recorded } from '../operators/audit.ts';
import type { Stores } from '../stores.ts';

/** Which person does it, and why; both go into the audit and are shown with what they changed. */
export type Act = Pick<AuditEntry, 'by' | 'via' | 'reason'>;

/** What a person halts it to; `held` is for guards. */
type Wish = Exclude<HaltedStatus, 'held'>;

/**
 * Halts a campaign: nothing of it is sent from now on but the calls that are out. Halting it twice
 * changes nothing. Throws a {@link UserError} where it has ended.
 */
export async function haltCampaign(stores: Stores, id: string, to: Wish, act: Act): Promise<Campaign> {
  const { status } = await known(stores.campaigns.find(id), id);
  refuseHalt(status, id, to);
  // What is halted already can only be stopped.
  const after = { status: status === 'running' || to === 'stopped' ? to : status };
  return recorded(
    stores,
    { ...act, act: `campaign.${to === 'paused' ? 'pause' : 'stop'}`, on: id, before: { status }, after },
    () => haltByItself(stores, id, to, act),
  );
}

/** The same as a consequence of something else: no act of a person, and nothing for the audit. */
export async function haltByItself(
  { campaigns, campaignQueue, campaignSwitch }: Stores,
  id: string,
  to: Wish,
  { by, reason }: Pick<Halt, 'by' | 'reason'>,
): Promise<Campaign> {
  refuseHalt(await campaignSwitch.halt(id, to, { kind: 'asked', at: systemClock(), by, reason }), id, to);
  const campaign = await known(campaigns.find(id), id);
  if (to === 'stopped') await campaignQueue.addClear(id, campaign.resumes);
  return campaign;
}

/**
 * Lets a held, paused or stopped campaign go on where it stood; by this program from now on, where
 * there is one. Throws a {@link UserError} where it has ended.
 */
export async function resumeCampaign(
  stores: Stores,
  id: string,
  act: Act,
  latest?: Program,
): Promise<Campaign> {
  const { campaigns, campaignQueue, campaignSwitch, programVersions } = stores;
  const { status, programVersion: before } = await known(campaigns.find(id), id);
  refuseResume(status, id);
  const version = before === undefined ? undefined : latest?.version;
  const change = {
    on: id,
    before: { status, ...(version !== undefined && { program: before ?? '' }) },
    after: { status: 'running', ...(version !== undefined && { program: version }) },
  };
  return recorded(stores, { ...act, act: 'campaign.resume', ...change }, async () => {
    if (latest !== undefined && version !== undefined) {
      await programVersions.keep(latest);
      await campaigns.useProgram(id, version);
    }
    refuseResume(await campaignSwitch.resume(id), id);
    const campaign = await known(campaigns.find(id), id);
    await campaignQueue.addFeed(id, campaign.resumes);
    return campaign;
  });
}

/** The program of a campaign as the file has it now. Throws a {@link UserError} where it has none. */
export async function programNow(
  { campaigns }: Pick<Stores, 'campaigns'>,
  { programs }: Pick<ProgramsFile, 'programs'>,
  id: string,
): Promise<Program> {
  const { program: name } = await known(campaigns.find(id), id);
  const program = programs.get(name);
  if (program !== undefined) return program;
  throw new UserError(
    'WRONG_STATUS',
    `The programs file has no program ${name} by now, which ${id} goes by.`,
  );
}

/** The name of the user of this machine. */
export function thisUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

async function known(found: Promise<Campaign | undefined>, id: string): Promise<Campaign> {
  const campaign = await found;
  if (campaign !== undefined) return campaign;
  throw new UserError(
    'WRONG_STATUS',
    `There is no campaign ${id}. \`passbridge status\` lists those there are.`,
  );
}

function refuseHalt(status: CampaignStatus | undefined, id: string, to: Wish): void {
  refuseUnless(status !== 'finished', `${id} has finished: nothing is left to be ${to}.`);
  refuseUnless(
    to !== 'paused' || status !== 'stopped',
    `${id} is stopped. \`passbridge resume ${id}\` lets it run again.`,
  );
}

function refuseResume(status: CampaignStatus | undefined, id: string): void {
  refuseUnless(status !== 'finished', `${id} has finished: nothing is left to be resumed.`);
}

function refuseUnless(condition: boolean, message: string): void {
  if (!condition) throw new UserError('WRONG_STATUS', message);
}

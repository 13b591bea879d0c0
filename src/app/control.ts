/** Pausing, resuming and stopping a campaign, from wherever a person does it. */

import { userInfo } from 'node:os';
import type { Campaign, CampaignStatus, HaltedStatus } from '../job/campaign.ts';
import { systemClock } from '../kit/clock.ts';
import type { Stores } from './stores.ts';

/** A wish that the campaign's state does not allow; the message says why. */
export class ControlRefused extends Error {}

/** Who does it, and why; both are shown with the campaign. */
export interface Act {
  by: string;
  reason: string;
}

/**
 * Halts a campaign: nothing of it is sent from now on but the calls that are out. Halting it twice
 * changes nothing. Throws a {@link ControlRefused} where it has ended.
 */
export async function haltCampaign(
  { campaigns, campaignQueue, campaignSwitch }: Stores,
  id: string,
  to: Exclude<HaltedStatus, 'held'>,
  act: Act,
): Promise<Campaign> {
  const status = await campaignSwitch.halt(id, to, { kind: 'asked', at: systemClock(), ...act });
  refuseUnless(status !== 'finished', `${id} has finished: nothing is left to be ${to}.`);
  refuseUnless(
    to !== 'paused' || status !== 'stopped',
    `${id} is stopped. \`passbridge resume ${id}\` lets it run again.`,
  );
  const campaign = await known(campaigns.find(id), id);
  if (to === 'stopped') await campaignQueue.addClear(id, campaign.resumes);
  return campaign;
}

/**
 * Lets a held, paused or stopped campaign go on where it stood. Throws a {@link ControlRefused}
 * where it has ended.
 */
export async function resumeCampaign(
  { campaigns, campaignQueue, campaignSwitch }: Stores,
  id: string,
): Promise<Campaign> {
  const status: CampaignStatus | undefined = await campaignSwitch.resume(id);
  refuseUnless(status !== 'finished', `${id} has finished: nothing is left to be resumed.`);
  const campaign = await known(campaigns.find(id), id);
  await campaignQueue.addFeed(id, campaign.resumes);
  return campaign;
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
  throw new ControlRefused(`There is no campaign ${id}. \`passbridge status\` lists those there are.`);
}

function refuseUnless(condition: boolean, message: string): void {
  if (!condition) throw new ControlRefused(message);
}

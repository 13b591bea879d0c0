/** Why the work of an installation, or of one campaign, does not move at present. */

import type { CampaignCounters, CampaignStatus, WriteBackCounters } from '../campaigns/campaign.ts';

/** Ordered by urgency: the first is the one to fix first. */
export const waitCauses = [
  'redis-away',
  'redis-refuses',
  'no-worker',
  'token-refused',
  'passmachine-down',
  'creates-paused',
  'rate-limited',
  'calls-stalled',
  'no-feeder',
  'source-unreadable',
  'run-not-started',
  'quiet-hours',
  'notification-limit',
  'retrying',
  'bloomreach-down',
  'import-not-fetched',
] as const;

export type WaitCause = (typeof waitCauses)[number];

export interface WaitReason {
  cause: WaitCause;
  /** One sentence that begins in lower case and has no full stop at its end. */
  text: string;
  /** What an operator can do: whole sentences. */
  remedy: string;
  /** Id of the campaign that waits; absent if all do. */
  campaign?: string;
}

type Work = Pick<CampaignCounters, 'pending'> & WriteBackCounters & { status: CampaignStatus };

/** Returns whether a campaign has something left to do that nothing but a {@link WaitReason} may hold back. */
export function hasWorkLeft(campaign: Work): boolean {
  return hasCallsLeft(campaign) || hasWriteBacksLeft(campaign);
}

export function hasCallsLeft({ status, pending }: Pick<Work, 'status' | 'pending'>): boolean {
  return status === 'running' && pending > 0;
}

export function hasWriteBacksLeft({
  writeBacks,
  writtenBack,
  writeBackFailures,
}: WriteBackCounters): boolean {
  return writeBacks > writtenBack + writeBackFailures;
}

/** Returns the reasons that hold back one campaign. */
export function reasonsOf(reasons: readonly WaitReason[], campaign: string): WaitReason[] {
  return reasons.filter((reason) => reason.campaign === undefined || reason.campaign === campaign);
}

/** Returns a reason as sentences. */
export function describeWait({ text, remedy }: WaitReason): string {
  return `Waiting: ${text}. ${remedy}`;
}

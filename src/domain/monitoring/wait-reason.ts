/** Why the work of an installation, or of one campaign, does not move at present. */

import type {
  CampaignCounters,
  CampaignSource,
  CampaignStatus,
  WriteBackCounters,
} from '../campaigns/campaign.ts';
import { blockerCodes } from './health.ts';

/** Ordered by urgency: the first is the one to fix first. */
export const waitCauses = [
  ...blockerCodes,
  'source-unreadable',
  'run-not-started',
  'quiet-hours',
  'notification-limit',
  'retrying',
  'throttled',
  'behind-others',
  'no-success',
  'bloomreach-down',
  'import-not-fetched',
] as const;

export type WaitCause = (typeof waitCauses)[number];

export interface CampaignWait {
  cause: WaitCause;
  /** One sentence that begins in lower case and has no full stop at its end. */
  text: string;
  /** What an operator can do: whole sentences. */
  remedy: string;
  /** Id of the campaign that waits; absent if all do. */
  campaign?: string;
}

type Work = Pick<CampaignCounters, 'pending'> & WriteBackCounters & { status: CampaignStatus };

/** Returns whether a campaign has something left to do that nothing but a {@link CampaignWait} may hold back. */
export function hasWorkLeft(campaign: Work, source: CampaignSource['kind']): boolean {
  return hasCallsLeft(campaign, source) || hasWriteBacksLeft(campaign);
}

/** A running campaign over a file has rows to read or calls to make; one of webhooks runs without, too. */
export function hasCallsLeft(
  { status, pending }: Pick<Work, 'status' | 'pending'>,
  source: CampaignSource['kind'],
): boolean {
  return status === 'running' && (pending > 0 || source === 'file');
}

export function hasWriteBacksLeft({
  writeBacks,
  writtenBack,
  writeBackFailures,
}: WriteBackCounters): boolean {
  return writeBacks > writtenBack + writeBackFailures;
}

/** Returns the reasons that hold back one campaign. */
export function reasonsOf(reasons: readonly CampaignWait[], campaign: string): CampaignWait[] {
  return reasons.filter((reason) => reason.campaign === undefined || reason.campaign === campaign);
}

/** Returns a reason as sentences. */
export function describeWait({ text, remedy }: CampaignWait): string {
  return `Waiting: ${text}. ${remedy}`;
}

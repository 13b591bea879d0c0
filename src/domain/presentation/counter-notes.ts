/** Explains the counters of a campaign, for the dashboard and the command line. */

import type { Campaign } from '../campaigns/campaign.ts';
import { type FinalState, type SkipReason, skipReasons } from '../jobs/outcome.ts';
import { formatNumber } from './format.ts';

/** Returns what a state means for the rows counted in it; empty if there are none. */
export function counterNote(campaign: Campaign, state: FinalState | 'stopped' | 'pending'): string {
  if (campaign[state] === 0) return '';
  switch (state) {
    case 'done':
      return writeBackNote(campaign);
    case 'skipped':
      return skippedNote(campaign);
    case 'rejected':
      return 'refused; a retry without a change will not help';
    case 'failed':
      return 'gave up after all retries';
    case 'unknown':
      return 'sent, but no reply received: the card may exist';
    case 'stopped':
      return 'not sent';
    case 'pending':
      return campaign.status === 'stopped' ? 'in flight, or being taken out of the queue' : '';
  }
}

function writeBackNote({ writeBacks, writtenBack, writeBackFailures }: Campaign): string {
  if (writeBacks === 0) return '';
  const failed = writeBackFailures > 0 ? ` (${formatNumber(writeBackFailures)} failed)` : '';
  return `saved to Bloomreach: ${formatNumber(writtenBack)} of ${formatNumber(writeBacks)}${failed}`;
}

/** The most frequent reason comes first. */
function skippedNote({ skippedFor }: Campaign): string {
  return Object.entries(skippedFor)
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${formatNumber(count)} ${skipReasons[reason as SkipReason]}`)
    .join('; ');
}

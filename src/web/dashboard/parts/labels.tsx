/** How the pages label times, states and actions. */

import type { CampaignStatus, CampaignWork } from '../../../domain/campaigns/campaign.ts';
import type { TimelineEventKind } from '../../../domain/customers/timeline.ts';
import { systemClock } from '../../../kit/clock.ts';

interface TimeProps {
  /** Milliseconds since 1970. */
  at: number;
  /** IANA name of the time zone. */
  zone: string;
  /** Whether seconds matter, e.g. in a log. */
  seconds?: boolean;
}

/** A point in time: `23 Nov, 18:04 CET`; with the year unless it is the current one. */
export function Time({ at, zone, seconds = false }: TimeProps) {
  const yearOf = (time: number) =>
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric' }).format(time);
  const text = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
    ...(yearOf(at) !== yearOf(systemClock()) && { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds && { second: '2-digit' }),
    timeZoneName: 'short',
  }).format(at);
  return <time dateTime={new Date(at).toISOString()}>{text}</time>;
}

/** What a campaign does. */
export const actionLabels: Readonly<Record<CampaignWork, string>> = {
  issue: 'Issue cards',
  reissue: 'Replace cards',
  update: 'Update cards',
  notify: 'Send notifications',
  track: 'Forward events',
};

export type LabeledState = CampaignStatus | TimelineEventKind | 'pending';

export const stateLabels: Readonly<Record<LabeledState, string>> = {
  planned: 'Planned',
  running: 'Running',
  held: 'Held for review',
  paused: 'Paused',
  stopped: 'Stopped',
  finished: 'Finished',
  pending: 'Pending',
  done: 'Done',
  skipped: 'Skipped',
  rejected: 'Rejected',
  failed: 'Failed',
  unknown: 'Unknown',
  'attempt-failed': 'Attempt failed',
  'written-back': 'Saved to Bloomreach',
  'write-back-failed': 'Not saved to Bloomreach',
  event: 'Passmachine event',
  'bulk-action': 'Bulk action',
  proven: 'Card proven',
  'second-card': 'Second card',
};

/** A state as a label on a color; the label is enough to tell it. */
export function Badge({ state }: { state: LabeledState }) {
  return <span class={`badge state-${state}`}>{stateLabels[state]}</span>;
}

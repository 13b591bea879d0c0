/**
 * Decides when a channel is notified of campaigns that have ended. One message covers all since the one before, so that a
 * night of schedules does not become a hundred messages.
 */

import type { Campaign } from '../campaigns/campaign.ts';
import type { FailureCount } from '../failures/failure.ts';

/** A campaign of which nothing is left to do: its rows have final states and its write-backs were accepted or given up. */
export interface EndedCampaign {
  campaign: Campaign;
  /** Milliseconds since 1970. */
  endedAt: number;
  /** Causes of failure, most frequent first. */
  causes: readonly FailureCount[];
}

/** One message to a channel. */
export interface CampaignEnds {
  kind: 'campaigns-ended';
  /** Milliseconds since 1970. */
  at: number;
  /** In the order of their ends. */
  ended: readonly EndedCampaign[];
}

/** What one channel was notified of so far; times in ms since 1970. */
export interface EndsWatch {
  /** The latest end that it was notified of, or when it was first watched. */
  upTo: number;
  /** When each of the latest campaigns ended, by id: one that is resumed or retried ends again. */
  reported: Readonly<Record<string, number>>;
  notifiedAt?: number;
}

/** Processes record ends with times that differ by seconds, so an end may be recorded after a later one. */
const MARGIN_MS = 60_000;
/** Minimum time between messages. */
const COOLDOWN_MS = 15 * 60_000;

/** Returns from which end on (ms) a channel may not have been notified. */
export function watchedSince({ upTo }: EndsWatch): number {
  return upTo - MARGIN_MS;
}

/**
 * Returns the campaigns to notify a channel of now, in the order of their ends, and its state after that, without
 * the time of the message. `ended`:
 * when each campaign ended, from {@link watchedSince} on.
 */
export function trackEnds(
  watch: EndsWatch,
  ended: ReadonlyMap<string, number>,
  now: number,
): { due: string[]; watch: EndsWatch } | undefined {
  const { upTo, reported, notifiedAt = 0 } = watch;
  const unreported = [...ended].filter(([id, at]) => reported[id] !== at).toSorted(([, a], [, b]) => a - b);
  const last = unreported.at(-1);
  if (last === undefined || now - notifiedAt < COOLDOWN_MS) return undefined;
  const latest = Math.max(upTo, last[1]);
  const recent = [...Object.entries(reported), ...unreported].filter(([, at]) => at >= latest - MARGIN_MS);
  return {
    due: unreported.map(([id]) => id),
    watch: { ...watch, upTo: latest, reported: Object.fromEntries(recent) },
  };
}

/** Waits for room in a campaign's window, for the two feeders. */

import type { Campaign } from '../domain/campaigns/campaign.ts';
import { hasRoom, WINDOW } from '../domain/campaigns/window.ts';
import { poll } from '../kit/poll.ts';

const POLL_MS = 25;

/**
 * Returns the campaign once its window has room for a step. Undefined if the feeder must leave it: it no
 * longer runs, it was resumed since (which starts a feeder of its own), or the signal aborted.
 */
export async function waitForRoom(
  find: (id: string) => Promise<Campaign | undefined>,
  { id, resumes }: Pick<Campaign, 'id' | 'resumes'>,
  { window = WINDOW, signal }: { window?: number; signal: AbortSignal },
): Promise<Campaign | undefined> {
  const state = await poll<Campaign | 'left'>(
    POLL_MS,
    async () => {
      const campaign = await find(id);
      if (campaign?.status !== 'running' || campaign.resumes !== resumes) return 'left';
      return hasRoom(campaign, window) ? campaign : undefined;
    },
    signal,
  );
  return state === 'left' ? undefined : state;
}

/**
 * Feeds the hits of a day's campaign that found no room in the queue when they came: first come,
 * first fed, through a bounded window. Every step can be repeated; what is queued twice is done once.
 */

import type { Campaign } from '../domain/campaigns/campaign.ts';
import { sleep } from '../kit/clock.ts';

interface WebhookFeederOptions {
  find: (id: string) => Promise<Campaign | undefined>;
  /** The first row that has not ended. */
  firstOpenRow: (id: string) => Promise<number>;
  /** Puts those of the rows that are parked into the queue. */
  requeue: (id: string, rows: readonly number[]) => Promise<unknown>;
}

/** Jobs of the campaign in the queue at once: more than are queued as they come, so that what waits here goes first. */
const WINDOW = 2000;
const STEP = 250;
const POLL_MS = 25;

/** Makes the function that feeds until nothing of the campaign is parked, it is halted, or the signal aborts. */
export function makeWebhookFeeder({ find, firstOpenRow, requeue }: WebhookFeederOptions) {
  /** The campaign once its window has room; undefined when this feeder has to leave it. */
  const roomIn = async (id: string, resumes: number, signal: AbortSignal): Promise<Campaign | undefined> => {
    while (!signal.aborted) {
      const campaign = await find(id);
      // Whoever resumes it has it fed anew.
      if (campaign?.status !== 'running' || campaign.resumes !== resumes) return undefined;
      if (campaign.inQueue + STEP <= WINDOW) return campaign;
      await sleep(POLL_MS, signal);
    }
    return undefined;
  };

  return async ({ id, resumes }: Campaign, signal: AbortSignal): Promise<void> => {
    for (let first = await firstOpenRow(id); ; first += STEP) {
      const campaign = await roomIn(id, resumes, signal);
      if (campaign === undefined || campaign.parked === 0 || first > campaign.read) return;
      await requeue(
        id,
        Array.from({ length: STEP }, (_, index) => first + index),
      );
    }
  };
}

/**
 * Feeds the webhook requests of a day's campaign that found no room in the queue when they arrived: first in,
 * first out, through a bounded window. Every step can be repeated; a job queued twice runs once.
 */

import type { Campaign } from '../domain/campaigns/campaign.ts';
import { STEP, WEBHOOK_WINDOW } from '../domain/campaigns/window.ts';
import { waitForRoom } from './room.ts';

interface WebhookFeederOptions {
  find: (id: string) => Promise<Campaign | undefined>;
  /** Returns the first row that has not ended. */
  firstOpenRow: (id: string) => Promise<number>;
  /** Requeues the parked jobs of these rows, by default of all. */
  requeue: (id: string, rows?: readonly number[]) => Promise<unknown>;
}

/** Returns a function that feeds until the campaign has no parked jobs or no longer runs, or the signal aborts. */
export function makeWebhookFeeder({ find, firstOpenRow, requeue }: WebhookFeederOptions) {
  return async (started: Campaign, signal: AbortSignal): Promise<void> => {
    const { id } = started;
    for (let first = await firstOpenRow(id); ; first += STEP) {
      const campaign = await waitForRoom(find, started, { window: WEBHOOK_WINDOW, signal });
      if (campaign === undefined || campaign.parked === 0) return;
      // A crash can leave the job of a settled row parked. It ends as soon as a worker takes it.
      if (first > campaign.read) return void (await requeue(id));
      await requeue(
        id,
        Array.from({ length: STEP }, (_, index) => first + index),
      );
    }
  };
}

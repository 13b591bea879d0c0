/**
 * The bounded window: how many jobs of one campaign may be in the queue at once. It makes a file of ten
 * million rows cost the queue no more than one of a thousand, and lets pause and stop take effect within 2 s.
 */

import type { Campaign } from './campaign.ts';

/** Jobs of one campaign. */
export const WINDOW = 1000;

/** Jobs are queued in steps of this size: small enough to refill the window before it is empty. */
export const STEP = 250;

/** Jobs of one webhook campaign up to which intake queues new requests directly; the rest are parked. */
export const DIRECT_WINDOW = 1500;

/** Jobs of one webhook campaign. Wider than {@link DIRECT_WINDOW}, so that parked requests are queued before newer ones. */
export const WEBHOOK_WINDOW = 2000;

/** Whether one more step fits. */
export function hasRoom({ inQueue }: Pick<Campaign, 'inQueue'>, window: number = WINDOW): boolean {
  return inQueue + STEP <= window;
}

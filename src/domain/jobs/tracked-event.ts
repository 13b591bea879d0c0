/** Something that happened to a card, as Passmachine tells it to Bloomreach. */

import type { CampaignOrder } from '../campaigns/campaign.ts';
import type { Json } from './program.ts';

/** The event type that the guide has Passmachine's webhooks mapped to. */
export const PASSMACHINE_EVENT = 'passmachine';

/** Bloomreach's own words; `timestamp` is unix seconds or ISO 8601. */
export type TrackedEvent = {
  customer_ids: { [type: string]: Json };
  event_type: typeof PASSMACHINE_EVENT;
  timestamp: number | string;
  properties: { [name: string]: Json };
};

/** The campaign that takes all events of one day (UTC): a row each, done once it is stored, and saved once Bloomreach has it. */
export function dayOfEvents(now: number): CampaignOrder {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  return {
    id: `passmachine-events-${day}`,
    program: PASSMACHINE_EVENT,
    action: 'track',
    source: { kind: 'webhooks' },
    createdAt: now,
  };
}

/**
 * What webhooks bring in: a customer from Bloomreach, or an event from Passmachine. Both become rows of a
 * campaign that collects one day (UTC).
 */

import type { CampaignOrder } from '../campaigns/campaign.ts';
import type { CampaignAction } from '../campaigns/campaign-action.ts';
import { PASS_JOB_VERSION, type PassAction, type PassJob } from './pass-job.ts';
import type { Json } from './program.ts';

/** A job that has no row in the day's campaign yet. */
export type WebhookRequest = Omit<PassJob, 'id' | 'row' | 'campaign'>;

const campaignActionOf: Readonly<Record<PassAction, CampaignAction>> = {
  create: 'issue',
  update: 'update',
  notify: 'notify',
};

export function makeWebhookRequest(fields: Omit<WebhookRequest, 'v'>): WebhookRequest {
  return { v: PASS_JOB_VERSION, ...fields };
}

/** Returns the campaign that collects all webhook requests of a program and an action on one day (UTC). */
export function dayCampaign(
  { program, action }: Pick<WebhookRequest, 'program' | 'action'>,
  now: number,
): CampaignOrder {
  return {
    id: `${program}-${action}-webhooks-${dayOf(now)}`,
    program,
    action: campaignActionOf[action],
    source: { kind: 'webhooks' },
    createdAt: now,
  };
}

/** The event type that the guide maps Passmachine's webhooks to. */
export const PASSMACHINE_EVENT = 'passmachine';

/** A card event that Passmachine sends to Bloomreach, in Bloomreach's field names. */
export type TrackedEvent = {
  customer_ids: { [type: string]: Json };
  event_type: typeof PASSMACHINE_EVENT;
  /** Unix seconds or ISO 8601. */
  timestamp: number | string;
  properties: { [name: string]: Json };
};

/**
 * Returns the campaign that collects all events of one day (UTC). An event's row is done once the event is
 * stored, and written back once Bloomreach has accepted it.
 */
export function dayOfEvents(now: number): CampaignOrder {
  return {
    id: `passmachine-events-${dayOf(now)}`,
    program: PASSMACHINE_EVENT,
    action: 'track',
    source: { kind: 'webhooks' },
    createdAt: now,
  };
}

/** `YYYYMMDD` (UTC). */
function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
}

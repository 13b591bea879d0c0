/** One customer as a webhook brings them. */

import type { CampaignAction, CampaignOrder } from '../campaigns/campaign.ts';
import { PASS_JOB_VERSION, type PassAction, type PassJob } from './pass-job.ts';

/** A job whose place in the day's campaign is still to be given. */
export type WebhookRequest = Omit<PassJob, 'id' | 'row' | 'campaign'>;

/** What campaigns do that consist of such jobs. */
const campaignActionOf: Readonly<Record<PassAction, CampaignAction>> = {
  create: 'issue',
  update: 'update',
  notify: 'notify',
};

/** Makes a hit of what the door has read and checked. */
export function makeWebhookRequest(fields: Omit<WebhookRequest, 'v'>): WebhookRequest {
  return { v: PASS_JOB_VERSION, ...fields };
}

/** The campaign that takes all hits of a program and an action on one day (UTC). */
export function dayCampaign(
  { program, action }: Pick<WebhookRequest, 'program' | 'action'>,
  now: number,
): CampaignOrder {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  return {
    id: `${program}-${action}-webhooks-${day}`,
    program,
    action: campaignActionOf[action],
    source: { kind: 'webhooks' },
    createdAt: now,
  };
}

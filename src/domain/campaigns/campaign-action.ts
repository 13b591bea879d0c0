/** What a campaign does for each of its customers. */

/**
 * `issue` makes cards for customers without one, `reissue` replaces each card by a new one, `update` fills
 * existing cards with current data, and `notify` sends a notification with a text.
 */
export const campaignActions = ['issue', 'reissue', 'update', 'notify'] as const;

export type CampaignAction = (typeof campaignActions)[number];

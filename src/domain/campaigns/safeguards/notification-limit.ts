/** Notification limit: how often a card may notify its customer per day, counted over all campaigns. */

import { defineSafeguard } from '../options/option.ts';

export interface NotificationLimit {
  /** Notifications of one card in {@link NOTIFICATION_WINDOW_MS}. */
  max: number;
  /** `silent` updates the card without a notification; `hold` waits until the card may be notified again. */
  overLimit: 'skip' | 'silent' | 'hold';
}

/** Google shows at most three notifications of a card in 24 hours. https://developers.google.com/wallet/generic/use-cases/partner-triggered-notifications */
export const NOTIFICATION_WINDOW_MS = 24 * 60 * 60 * 1000;

/** The largest limit: the ledger keeps the times of this many notifications of a card. */
export const MAX_NOTIFICATION_LIMIT = 20;

export const notificationLimit = defineSafeguard({
  options: {
    maxNotificationsPerDay: {
      kind: 'count',
      max: MAX_NOTIFICATION_LIMIT,
      label: 'Notifications per day',
      help: 'Send at most N notifications to one card in 24 hours, counted over all campaigns; Google shows 3.',
      example: '3',
      actions: ['notify'],
    },
    overLimit: {
      kind: 'choice',
      choices: ['skip', 'silent', 'hold'],
      label: 'Over the limit',
      help: 'Choose what happens above the limit. skip: skip the customer; silent: update the card without a notification; hold: wait until the card may be notified again.',
      example: 'silent',
      actions: ['notify'],
      needs: 'maxNotificationsPerDay',
    },
  },
  guard: ({ maxNotificationsPerDay: max, overLimit = 'skip' }): NotificationLimit | undefined =>
    max === undefined ? undefined : { max, overLimit },
});

/** Returns whether a JSON Patch operation makes a phone notify: by the guide, a change of `changeMessage` does. */
export function triggersNotification(operation: unknown): boolean {
  if (typeof operation !== 'object' || operation === null || !('path' in operation)) return false;
  const { path } = operation;
  return typeof path === 'string' && path.endsWith('/changeMessage');
}

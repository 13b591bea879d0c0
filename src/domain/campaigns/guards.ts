/** What a campaign is guarded by. All of it is decided when it starts; a person can resume what a guard halted. */

import type { QuietHours } from './quiet-hours.ts';

export interface Guards {
  canary?: Canary;
  /**
   * Pauses the campaign once this share (0 to 1) of what has ended was rejected, failed or unknown,
   * and at least {@link FEWEST_FAILURES} were. Absent: never.
   */
  pauseAt?: number;
  quietHours?: QuietHours;
  rings?: NotificationLimit;
  /** Leaves customers alone whose variables are what they were at the last such run. */
  changedOnly?: true;
}

/** Sends to the first so many people, and holds the campaign for somebody to look. */
export interface Canary {
  people: number;
  /** Goes on by itself where no larger share (0 to 1) of them failed. Absent: a person decides. */
  continueAt?: number;
}

/** How often a card may ring a phone in {@link NOTIFICATION_WINDOW_MS}, and what becomes of one time more. */
export interface NotificationLimit {
  most: number;
  /** `silent` shows the text without ringing; `hold` waits until the card may ring again. */
  beyond: 'skip' | 'silent' | 'hold';
}

/** Google shows at most three notifications of a card in 24 hours. https://developers.google.com/wallet/generic/use-cases/partner-triggered-notifications */
export const NOTIFICATION_WINDOW_MS = 24 * 60 * 60 * 1000;

/** Fewer failures than this are no sign of anything. */
export const FEWEST_FAILURES = 20;

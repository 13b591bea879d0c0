/** The safeguards checked for each job just before it is sent: use-by time, quiet hours, notification limit. */

import type { NotificationLimit } from '../domain/campaigns/safeguards/notification-limit.ts';
import { quietFor } from '../domain/campaigns/safeguards/quiet-hours.ts';
import type { SkipReason } from '../domain/jobs/outcome.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';

export type SafeguardResult =
  | { kind: 'skip'; reason: SkipReason }
  | { kind: 'wait'; why: 'quiet-hours' | 'notification-limit'; delayMs: number }
  /** The job may be sent without triggering a notification. */
  | { kind: 'silent' };

/** A result that ends the run. */
export type SafeguardEnd = Exclude<SafeguardResult, { kind: 'silent' }>;

/** Returns the milliseconds until a card may trigger a notification again; 0 for now. */
export type NotificationWait = (job: PassJob, limit: NotificationLimit, now: number) => Promise<number>;

/** Checks the times only: whether the job is too late, or its customer in quiet hours. Undefined if it may be sent. */
export function checkTimes(job: PassJob, now: number): SafeguardEnd | undefined {
  if (isTooLate(job, now)) return { kind: 'skip', reason: 'too-late' };
  const { quietHours } = job;
  const quietMs = quietHours === undefined ? 0 : quietFor(quietHours, now);
  if (quietMs === 0) return undefined;
  return quietHours?.policy === 'drop'
    ? { kind: 'skip', reason: 'quiet-hours' }
    : waitOrSkip(job, 'quiet-hours', now, quietMs);
}

/** Returns undefined if the job may be sent as it is. The job must be claimed, since notifications are counted by card. */
export async function checkSafeguards(
  job: PassJob,
  now: number,
  notificationWait: NotificationWait,
): Promise<SafeguardResult | undefined> {
  const times = checkTimes(job, now);
  if (times !== undefined) return times;
  const { notificationLimit } = job;
  const limitMs = notificationLimit === undefined ? 0 : await notificationWait(job, notificationLimit, now);
  if (limitMs === 0) return undefined;
  switch (notificationLimit?.overLimit) {
    case 'silent':
      return { kind: 'silent' };
    case 'hold':
      return waitOrSkip(job, 'notification-limit', now, limitMs);
    case 'skip':
    case undefined:
      return { kind: 'skip', reason: 'notification-limit' };
  }
}

/** Whether the job's use-by time has passed at the given time. */
export function isTooLate({ useBy }: PassJob, at: number): boolean {
  return useBy !== undefined && at >= useBy;
}

function waitOrSkip(
  job: PassJob,
  why: 'quiet-hours' | 'notification-limit',
  now: number,
  delayMs: number,
): SafeguardEnd {
  return isTooLate(job, now + delayMs)
    ? { kind: 'skip', reason: 'too-late' }
    : { kind: 'wait', why, delayMs };
}

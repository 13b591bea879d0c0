/** What keeps a job that may be sent from being sent now: it is too late, people sleep, its card rang enough. */

import type { NotificationLimit } from '../domain/campaigns/guards.ts';
import type { SkipReason } from '../domain/jobs/outcome.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';
import { quietFor } from '../domain/campaigns/quiet-hours.ts';

export type HoldBack =
  | { kind: 'skip'; reason: SkipReason }
  | { kind: 'wait'; why: 'quiet-hours' | 'notification-limit'; delayMs: number }
  /** It may be sent, if it does not ring. */
  | { kind: 'silent' };

/** When a card may ring again, ms; 0 for now. */
export type NotificationWait = (job: PassJob, limit: NotificationLimit, now: number) => Promise<number>;

/** Undefined where nothing does. Asks for rings only while the job is claimed. */
export async function holdBack(
  job: PassJob,
  now: number,
  notificationWait: NotificationWait,
): Promise<HoldBack | undefined> {
  if (isLate(job, now)) return { kind: 'skip', reason: 'too-late' };
  const { quietHours, rings } = job;
  const quietMs = quietHours === undefined ? 0 : quietFor(quietHours, now);
  if (quietMs > 0) {
    return quietHours?.inThem === 'drop'
      ? { kind: 'skip', reason: 'quiet-hours' }
      : waitOrSkip(job, 'quiet-hours', now, quietMs);
  }
  const limitMs = rings === undefined ? 0 : await notificationWait(job, rings, now);
  if (limitMs === 0) return undefined;
  switch (rings?.beyond) {
    case 'silent':
      return { kind: 'silent' };
    case 'hold':
      return waitOrSkip(job, 'notification-limit', now, limitMs);
    case 'skip':
    case undefined:
      return { kind: 'skip', reason: 'notification-limit' };
  }
}

/** Whether it would not be worth sending at that time. */
export function isLate({ useBy }: PassJob, at: number): boolean {
  return useBy !== undefined && at >= useBy;
}

function waitOrSkip(
  job: PassJob,
  why: 'quiet-hours' | 'notification-limit',
  now: number,
  delayMs: number,
): HoldBack {
  return isLate(job, now + delayMs) ? { kind: 'skip', reason: 'too-late' } : { kind: 'wait', why, delayMs };
}
